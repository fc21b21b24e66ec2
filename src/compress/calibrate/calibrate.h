// Calibration: runs a float graph on samples and annotates every activation with the quantization
// that its observed range asks for in a scheme of integer activations, per tensor. The operators'
// rules decide who keeps its input's scale and who has a fixed one. Tested by
// calibrate_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ir/scheme.h"

namespace mote::compress {

enum class Observer : uint8_t {
  min_max,  // the smallest and the largest value seen
};

struct CalibrateOptions {
  Observer observer = Observer::min_max;
  // What an input can hold, whatever the samples do: raw pixels are 0..255. By input of the graph;
  // nothing, or no entry, where the samples say it.
  std::vector<std::optional<RealRange>> input_ranges = {};
  Scheme scheme = Scheme::int8;  // whose activations are integers
};

// `inputs`: for each input of the graph the float bytes of all `count` samples, one after another.
// Afterwards every activation is float32 with a quantization. Throws Error{unsupported} naming the
// node that has no integer form, Error{invalid_input} where a value is not finite.
void calibrate(Graph& graph, const std::vector<Bytes>& inputs, int32_t count,
               const CalibrateOptions& options = {});

// Scale and zero point of the interval, extended to hold 0: int8 asymmetric, int16 symmetric.
Quantization affine_quantization(RealRange range, DType dtype = DType::int8);

}  // namespace mote::compress
