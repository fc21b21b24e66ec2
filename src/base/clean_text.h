// Text from a file, or the name of one, fit for one line of an error, for the text form and for
// JSON. Tested by clean_text_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace mote {

// Control characters, and bytes that are no UTF-8, become '_'.
std::string clean_text(std::string_view text);

}  // namespace mote
