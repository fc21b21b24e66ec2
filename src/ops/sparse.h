// What the sparse variants of the weighted kernels share: their `prepare`. Tested by
// tests/differential/rows_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/program.h"

namespace mote {

// Says of the call's weights that they are read as taps in runs of so many, or as MOTE_RUN_PRODUCTS
// says (runtime/taps.h). False, with nothing done, where a tap could not count them.
bool set_run(int32_t run, Call& call, std::vector<Constant>& constants);

}  // namespace mote
