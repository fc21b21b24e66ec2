// Which calls the sparse variants of FullyConnected serve. Tested by
// tests/differential/rows_test.cc.
#include "ops/kernel.h"
#include "ops/sparse.h"
#include "runtime/taps.h"

namespace mote {

// All of them. A vector uses each weight once.
bool fully_connected_products(Call& call, std::vector<Constant>& constants) {
  return set_run(MOTE_RUN_PRODUCTS, call, constants);
}

}  // namespace mote
