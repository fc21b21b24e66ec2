// quantize: a float graph becomes one of a scheme, by the scheme's row and the operators'
// declarative rules. Lossy. Integer weights are symmetric, narrow, and per channel
// unless asked otherwise; biases beside integer activations have the scale of the accumulator
// (TFLite's quantization spec). Tested by quantize_test.cc.
#pragma once

#include <map>
#include <string>

#include "compress/calibrate/calibrate.h"
#include "compress/choices.h"
#include "compress/quantize/scales.h"
#include "deploy/devices/device.h"
#include "ir/graph.h"
#include "ir/scheme.h"

namespace mote::compress {

// Which integers weights become.
enum class Rounding : uint8_t {
  nearest,
  gptq,  // those whose sums are closest to the float weights' on samples; quantize/rounding.h
};
template <>
std::span<const std::string_view> choices<Rounding>();

// How many scales weights have.
enum class Granularity : uint8_t {
  per_channel,  // one for each output channel
  per_tensor,   // one in all: of small layers the multipliers would take more than the weights
};
template <>
std::span<const std::string_view> choices<Granularity>();

struct QuantizeOptions {
  Scheme scheme = Scheme::int8;
  int32_t weight_bits = 8;  // of integer weights: those that the scheme's row allows
  int32_t bias_bits = 64;   // of biases that the row gives 64 bits: 64 or 32

  // Of the weights of some layers, where not 0: quantize/layer_bits.h.
  int32_t first_bits = 0;
  int32_t last_bits = 0;
  int32_t depthwise_bits = 0;
  std::map<std::string, int32_t> layer_bits = {};  // by the node's name

  // Not 0: the bits of all others are those for which the network is best within so many bytes of
  // constants, up to 1 a share of the plain model's; weight_bits is not read. compress finds them
  // (search/mixed_bits.h), quantize does not.
  double constants = 0;
  deploy::Preference prefer = deploy::Preference::balance;  // by which those are counted

  Granularity granularity = Granularity::per_channel;
  WeightScale scales = WeightScale::min_max;
  Rounding rounding = Rounding::nearest;
  int32_t refits = 0;            // of gptq: how often scales are fitted to integers and these again
  bool bias_correction = false;  // quantize/post_training.h
  int32_t samples = 256;         // that rounding and bias correction look at

  bool chooses_bits() const { return constants > 0; }
  // Of the scales of weights whose output channels `channel_axis` counts.
  int32_t scale_axis(int32_t channel_axis) const {
    return granularity == Granularity::per_channel ? channel_axis : -1;
  }
  bool looks_at_samples() const {
    return rounding == Rounding::gptq || bias_correction || chooses_bits();
  }
  bool operator==(const QuantizeOptions&) const = default;
};

// Where the scheme's activations are integers, those of `graph` must be annotated (by calibration
// or QAT) for it; inputs and outputs become integers as well. Names, preprocessing and labels stay.
// Weights that are annotated already keep their quantization. The result passes verify(graph,
// Level::quantized). Throws Error{unsupported} naming the node that has no form in the scheme,
// Error{usage} for bits that it does not have, a layer that there is not, and options that look at
// samples where there are none.
Graph quantize(const Graph& graph, const QuantizeOptions& options = {},
               const CalibrationSamples& samples = {});

}  // namespace mote::compress
