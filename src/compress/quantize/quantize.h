// quantize: a float graph becomes one of a scheme, by the scheme's row and the operators'
// declarative rules. Lossy. Integer weights are symmetric, narrow and per channel; biases beside
// integer activations have the scale of the accumulator (TFLite's quantization spec). Tested by
// quantize_test.cc.
#pragma once

#include "ir/graph.h"
#include "ir/scheme.h"

namespace mote::compress {

struct QuantizeOptions {
  Scheme scheme = Scheme::int8;
  int32_t weight_bits = 8;  // of integer weights: those that the scheme's row allows
  int32_t bias_bits = 64;   // of biases that the row gives 64 bits: 64 or 32

  bool operator==(const QuantizeOptions&) const = default;
};

// Where the scheme's activations are integers, those of `graph` must be annotated (by calibration
// or QAT) for it; inputs and outputs become integers as well. Names, preprocessing and labels stay.
// The result passes verify(graph, Level::quantized). Throws Error{unsupported} naming the node that
// has no form in the scheme, Error{usage} for bits that it does not have.
Graph quantize(const Graph& graph, const QuantizeOptions& options = {});

// One scale per index of `axis` (of the whole tensor for -1) such that the largest magnitude
// becomes the end of the narrow range; channels of zeros get the largest scale of the others.
Quantization weight_quantization(const Value& weights, int32_t axis, int32_t bits = 8);

}  // namespace mote::compress
