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

void check_budgets(const Program& program) {
  check_budget(program.flash,
               fmt::format("the network's constants need {} bytes", program.flash.needed_bytes),
               program.device, program.name,
               "quantize or prune the model, or take a larger device");
  check_budget(program.ram, fmt::format("the activations need {} bytes", program.ram.needed_bytes),
               program.device, program.name,
               "quantize the model, shrink its input, or take a larger device");
}

}  // namespace mote::deploy
