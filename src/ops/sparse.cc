#include "ops/sparse.h"

#include <limits>

#include "runtime/taps.h"
#include "runtime/weighted.h"

namespace mote {

bool set_run(int32_t run, Call& call, std::vector<Constant>& constants) {
  if (run > std::numeric_limits<decltype(mote_tap::offset)>::max() + 1) return false;
  const auto index = static_cast<size_t>(call.operands.at(MOTE_WEIGHTS).index);
  constants.at(index).layout.run = run;
  return true;
}

}  // namespace mote
