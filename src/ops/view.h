// The same bytes seen as a tensor of another shape: how operators of many ranks reach kernels over
// [N, H, W, C]. Tested by the operators' tests (add_test.cc, mean_test.cc).
#pragma once

#include "ops/lowering.h"

namespace mote {

// `shape` has as many elements as the operand.
Operand viewed(Operand operand, Shape shape);

// Joins neighbouring dimensions that are `alike`, so that at most four are left where that goes:
// gives how many dimensions make each of the joined ones.
template <class Alike>
std::vector<size_t> joined_dimensions(size_t rank, const Alike& alike) {
  std::vector<size_t> counts;
  for (size_t d = 0; d < rank; d++) {
    if (d > 0 && alike(d - 1, d))
      counts.back()++;
    else
      counts.push_back(1);
  }
  return counts;
}

// The shape with its dimensions joined so.
Shape joined(const Shape& shape, const std::vector<size_t>& counts);

}  // namespace mote
