// Which values of a graph are fake-quantized while autograd runs it: those of float32 that have a
// quantization, rounded to the steps that their integers will have. Tested by
// fake_quantization_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace mote::autograd {

struct FakeQuantization {
  Range range;    // of the integers: weights narrow and symmetric, activations of 8 or 16 bits
  ValueId scale;  // the value whose scales it has: itself, or what its operator ties it to
  // Whether training changes the scales: not those of inputs of the graph, which are pixels', of
  // constants that are no weights, and of outputs that an operator has fixed.
  bool learned;
};

// Of a fake-quantized value that a layer of weights makes, with a batch norm or an activation in
// between or none: what its sums are made of. Kernels round the bias to steps of the sums, and
// these twice when they rescale them to the value's (docs/arithmetic.md).
struct SumsBehind {
  ValueId input, weights;
  ValueId gamma = kNoValue, variance = kNoValue;  // of the batch norm
  float epsilon = 0;
};

// By value; nothing where it stays as it is.
using FakeQuantizations = std::vector<std::optional<FakeQuantization>>;
FakeQuantizations fake_quantizations(const Graph& graph);
// By value; nothing where it is made otherwise, and where activations have 16 bits.
std::vector<std::optional<SumsBehind>> sums_behind(const Graph& graph,
                                                   const FakeQuantizations& all);

// Gives values the scales of what they are tied to.
void tie_scales(Graph& graph);

}  // namespace mote::autograd
