// Calibration: runs a float graph on samples and annotates every activation with the quantization
// that its observed range asks for in a scheme of integer activations, per tensor. The operators'
// rules decide who keeps its input's scale and who has a fixed one. Tested by
// calibrate_test.cc.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "compress/calibrate/observers.h"
#include "ir/graph.h"
#include "ir/scheme.h"

namespace mote::compress {

struct CalibrateOptions {
  // Values that a Softmax reads and outputs of the graph are left at min_max: which class scores
  // highest must not depend on a clip.
  Observer observer = Observer::min_max;
  // What an input can hold, whatever the samples do: raw pixels are 0..255. By input of the graph;
  // nothing, or no entry, where the samples say it.
  std::vector<std::optional<RealRange>> input_ranges = {};
  Scheme scheme = Scheme::int8;  // whose activations are integers
  double percentile = 99.99;     // of Observer::percentile, from 50 to 100
};

// Of each input of the graph the float bytes of all `count` samples, one after another.
struct CalibrationSamples {
  std::span<const Bytes> inputs = {};
  int32_t count = 0;
};

// Afterwards every activation is float32 with a quantization. Throws Error{unsupported} naming the
// node that has no integer form, Error{invalid_input} where a value is not finite.
void calibrate(Graph& graph, const std::vector<Bytes>& inputs, int32_t count,
               const CalibrateOptions& options = {});

// Shows what every activation of a float graph is, sample by sample.
void observe_activations(const Graph& graph, const CalibrationSamples& samples,
                         const std::function<void(ValueId, std::span<const float>)>& see);

// Scale and zero point of the interval, extended to hold 0: int8 asymmetric, int16 symmetric.
Quantization affine_quantization(RealRange range, DType dtype = DType::int8);

}  // namespace mote::compress
