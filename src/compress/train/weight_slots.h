// Where an optimizer's vectors have fake-quantized weights and their scales. Tested by
// oscillation_test.cc and rate_test.cc.
#pragma once

#include <vector>

#include "autograd/network.h"
#include "ir/graph.h"

namespace mote::compress {

struct WeightSlot {
  size_t offset;  // in autograd::Parameters::values
  size_t count;
  size_t scales;  // where those begin
  Shape shape;
  int32_t axis;  // that each index of has a scale; -1: one in all
  int32_t bits;
  Range range;  // of the integers
};

std::vector<WeightSlot> weight_slots(const Graph& graph, const autograd::Parameters& parameters);

}  // namespace mote::compress
