// What a device has too little of, as the error of exit code 5. Tested by lower_test.cc.
#pragma once

#include <string>

#include "deploy/devices/device.h"
#include "ir/program.h"

namespace mote::deploy {

// Throws Error{over_budget} where the budget lacks something: "NEEDS, DEVICE has M: K bytes too
// many", where `needs` says what takes how much: "the activations need 40 bytes".
void check_budget(const Budget& budget, const std::string& needs, const std::string& device,
                  const std::string& where, const std::string& hint);
// The same for what `lower` found for the device: the program's constants in flash, its arena in
// RAM, and where the device has external memory what exceeds them in that.
void check_budgets(const Program& program, const Device& device);

}  // namespace mote::deploy
