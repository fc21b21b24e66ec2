// quantize: a float graph whose activations are annotated (by calibration or QAT) becomes an
// integer graph, by the operators' declarative rules. Lossy. Weights are symmetric, narrow and per
// channel; biases int32 in the scale of the accumulator (TFLite's quantization spec). Tested by
// quantize_test.cc.
#pragma once

#include "ir/graph.h"

namespace mote::compress {

// In and out are int8 as well; names, preprocessing and labels stay. The result passes
// verify(graph, Level::quantized). Throws Error{unsupported} naming the node that has no integer
// form.
Graph quantize_int8(const Graph& graph);

// One scale per index of `axis` (of the whole tensor for -1) such that the largest magnitude
// becomes the end of the narrow range; channels of zeros get the largest scale of the others.
Quantization weight_quantization(const Value& weights, int32_t axis, int32_t bits = 8);

}  // namespace mote::compress
