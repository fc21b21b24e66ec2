// How many bytes of constants a network may have, as recipes and command lines say it. Tested by
// constants_test.cc.
#pragma once

#include <optional>
#include <string_view>

namespace mote::compress {

// "40960", "40K" and "1M" of 1,024 and 1,048,576 bytes, "50 %" and "0.5": of what else there is, up
// to 1 a share, above that bytes. Nothing of other texts, and of what is not above 0.
std::optional<double> parse_constants(std::string_view text);

inline constexpr const char* kConstantsHint =
    "40960, \"40K\", or a share of the plain model's: \"50 %\"";

}  // namespace mote::compress
