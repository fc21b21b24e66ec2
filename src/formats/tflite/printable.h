// Text from a file, fit for one line of an error, for the text form and for JSON.
// Tested by printable_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace mote::formats::tflite {

// Control characters, and bytes that are no UTF-8, become '_'.
std::string printable(std::string_view text);

}  // namespace mote::formats::tflite
