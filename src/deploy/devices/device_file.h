// The text of a device file (TOML; its keys are the fields of Device). Tested by device_test.cc.
#pragma once

#include <string>
#include <string_view>

#include "deploy/devices/device.h"

namespace mote::deploy {

// Throws Error{invalid_input} that names `where`, the line, the key, and what is allowed there.
Device parse_device(std::string_view text, const std::string& where);

}  // namespace mote::deploy
