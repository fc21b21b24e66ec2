#include "deploy/lower/budget.h"

#include <fmt/format.h>

#include "base/error.h"

namespace mote::deploy {

void check_budget(const Budget& budget, const std::string& needs, const std::string& device,
                  const std::string& where, const std::string& hint) {
  if (budget.lacking_bytes() == 0) return;
  throw Error(ErrorKind::over_budget,
              fmt::format("{}, {} has {}: {} bytes too many", needs, device, budget.available_bytes,
                          budget.lacking_bytes()),
              where, hint);
}

void check_budgets(const Program& program, const Device& device) {
  if (!device.external_memory.empty()) {
    int64_t needed = 0;
    for (const Budget& own : {program.flash, program.ram})
      if (own.lacking_bytes() > 0) needed += own.needed_bytes;
    check_budget({needed, device.external_bytes},
                 fmt::format("what exceeds flash and RAM needs {} bytes of {}", needed,
                             device.external_memory),
                 program.device, program.name, "quantize or prune the model");
    return;
  }
  check_budget(program.flash,
               fmt::format("the network's constants need {} bytes", program.flash.needed_bytes),
               program.device, program.name,
               "quantize or prune the model, or take a larger device");
  check_budget(program.ram, fmt::format("the activations need {} bytes", program.ram.needed_bytes),
               program.device, program.name,
               "quantize the model, shrink its input, or take a larger device");
}

}  // namespace mote::deploy
