// The definition of TransposeConv (transpose_conv.h). Tested by transpose_conv_test.cc.
#include "ops/transpose_conv/transpose_conv.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/transpose_conv/transpose_conv_kernels.h"
#include "ops/weighted.h"
#include "ops/window.h"

namespace mote {

Mapping transpose_conv_tflite();  // transpose_conv_tflite.cc

namespace {

constexpr int32_t kChannelAxis = 0;

// Of the output, along one dimension: the size from which a convolution makes the input's.
int32_t output_size(int64_t input, int64_t window, int64_t stride, int64_t cut, int64_t added) {
  const int64_t whole = (input - 1) * stride + window + added, size = whole - cut;
  if (size < 1 || std::max(whole, size) > std::numeric_limits<int32_t>::max())
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} pixels, stride {} and a window of {} make an output of {}", input,
                            stride, window, size));
  return static_cast<int32_t>(size);
}

Shape output_shape(const ops::TransposeConv& conv, const Shape& input, const Shape& weights) {
  const auto& [top, bottom, left, right] = conv.padding;
  return {input[0],
          output_size(input[1], weights[1], conv.stride.height, int64_t{top} + bottom,
                      conv.output_padding.height),
          output_size(input[2], weights[2], conv.stride.width, int64_t{left} + right,
                      conv.output_padding.width),
          weights[0]};
}

TensorType infer(const Op& op, Types inputs) {
  const auto& conv = as<ops::TransposeConv>(op);
  const Shape& input = inputs[0].shape;
  const Shape& weights = inputs[1].shape;
  if (input.size() != 4 || weights.size() != 4 || input[3] != weights[3])
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} is not [N, H, W, I] or weights {} are not [O, H, W, I]",
                            to_string(input), to_string(weights)));
  check_weighted_types(inputs, weights[0]);
  if (inputs[0].dtype == DType::int16 && inputs.size() > 2 && inputs[2].dtype == DType::int32)
    throw Error(ErrorKind::unsupported, "int32 bias for an input of int16; int64 expected");
  const Shape output = output_shape(conv, input, weights);
  // Which also checks the ranges of the attributes.
  const Size2D positions =
      window_positions(output, {weights[1], weights[2]}, conv.stride, {1, 1}, conv.padding);
  if (positions != image_size(input))
    throw Error(ErrorKind::invalid_input,
                fmt::format("output_padding {}x{} with stride {}x{}", conv.output_padding.height,
                            conv.output_padding.width, conv.stride.height, conv.stride.width));
  return {inputs[0].dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_weighted_quantization(inputs, output, kChannelAxis);
}

// Every pixel of the input meets every weight, those that end in the padding included.
Cost cost(const Op&, Types inputs, const TensorType& output) {
  const Shape& input = inputs[0].shape;
  Cost cost = weighted_cost(inputs, output, kChannelAxis);
  cost.macs = element_count(input) / input[3] * element_count(inputs[1].shape);
  return cost;
}

QuantizationRule quantization(const Op&, Scheme) {
  QuantizationRule rule = weighted_quantization(kChannelAxis);
  rule.inputs[2].wide_bias = true;
  return rule;
}

WeightedKernel kernel_of(const ops::TransposeConv& conv) {
  return {.name = "transpose_conv", .channel_axis = kChannelAxis, .activation = conv.activation};
}

void lower(const Op& op, Lowering& lowering) {
  const auto& conv = as<ops::TransposeConv>(op);
  const auto set_geometry = [&](auto& params) {
    set_convolution(params, conv, lowering);
    params.output_channels = lowering.input_type(1).shape[0];
  };
  lower_weighted<mote_transpose_conv_f32_params, mote_transpose_conv_s8_params,
                 mote_transpose_conv_s16_params>(lowering, kernel_of(conv), lowering.input(0),
                                                 set_geometry);
}

// Between the inputs that a window meets lie zeros.
Channels channels(const Op&, Types, Types, Edge edge) {
  return weighted_channels(edge, grouped_channels(1, true), weight_channels(kChannelAxis, 3));
}

}  // namespace

template <>
const OpDef& definition<ops::TransposeConv>() {
  static const OpDef def = {
      .name = "TransposeConv",
      .min_inputs = 2,
      .max_inputs = 3,
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = one_output<cost>,
      .channels = channels,
      .quantization = quantization,
      .activation = activation_of<ops::TransposeConv>,
      .trainable_inputs = {1, 2},
      .in_place_inputs = {},
      .output_ranges = weighted_ranges_of<ops::TransposeConv, kernel_of>,
      .least_output_scale = least_weighted_scale_of<kChannelAxis>,
      .lower = lower,
      .mappings = {{Format::tflite, transpose_conv_tflite()}},
  };
  return def;
}

}  // namespace mote
