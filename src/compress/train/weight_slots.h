// Where an optimizer's vectors have fake-quantized weights and their scales. Tested by
// weight_slots_test.cc.
#pragma once

#include <span>
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
  Range range;      // of the integers
  bool normalized;  // whether a batch norm reads what their layer makes
};

std::vector<WeightSlot> weight_slots(const Graph& graph, const autograd::Parameters& parameters);

// Weights beyond the ends of their range become those ends, as their integers are: left where they
// are they would have no gradient, and never come back. Not those before a batch norm, to which
// their size says nothing: they would shrink without end, together with their scale.
void keep_in_range(const std::vector<WeightSlot>& slots, std::span<float> values);

}  // namespace mote::compress
