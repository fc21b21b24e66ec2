// The definition of DepthwiseConv2D (depthwise_conv2d.h). Tested by depthwise_conv2d_test.cc.
#include "ops/depthwise_conv2d/depthwise_conv2d.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/weighted.h"
#include "ops/window.h"

namespace mote {

Mapping depthwise_conv2d_tflite();  // depthwise_conv2d_tflite.cc

namespace {

constexpr int32_t kChannelAxis = 3;

TensorType infer(const Op& op, Types inputs) {
  const auto& conv = as<ops::DepthwiseConv2D>(op);
  const Shape& input = inputs[0].shape;
  const Shape& weights = inputs[1].shape;
  if (input.size() != 4 || weights.size() != 4 || weights[0] != 1 || weights[3] % input[3] != 0)
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} is not [N, H, W, C] or weights {} are not [1, H, W, C * M]",
                            to_string(input), to_string(weights)));
  check_weighted_types(inputs, weights[3]);
  const Size2D positions =
      window_positions(input, {weights[1], weights[2]}, conv.stride, conv.dilation, conv.padding);
  return {inputs[0].dtype, {input[0], positions.height, positions.width, weights[3]}, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_weighted_quantization(inputs, output, kChannelAxis);
}

Cost cost(const Op&, Types inputs, const TensorType& output) {
  return weighted_cost(inputs, output, kChannelAxis);
}

QuantizationRule quantization(const Op&, Scheme) {
  QuantizationRule rule = weighted_quantization(kChannelAxis);
  rule.inputs[2].wide_bias = true;
  return rule;
}

// TFLite knows no other way.
void quantize_inputs_for(Op& op, const TensorType&) {
  as<ops::DepthwiseConv2D>(op).asymmetric_inputs = true;
}

WeightedKernel kernel_of(const ops::DepthwiseConv2D& conv) {
  return {.name = "depthwise_conv2d",
          .channel_axis = kChannelAxis,
          .activation = conv.activation,
          .asymmetric_inputs = conv.asymmetric_inputs};
}

void lower(const Op& op, Lowering& lowering) {
  const auto& conv = as<ops::DepthwiseConv2D>(op);
  const auto set_geometry = [&](auto& params) {
    set_convolution(params, conv, lowering);
    params.depth_multiplier = lowering.input_type(1).shape[3] / params.input_channels;
  };
  WeightedKernel kernel = kernel_of(conv);
  kernel.input_scales = {lowering.input_type(0).shape[0], 1, 1};
  lower_weighted<mote_depthwise_conv2d_f32_params, mote_depthwise_conv2d_s8_params,
                 mote_depthwise_conv2d_s16_params>(lowering, kernel, lowering.input(0),
                                                   set_geometry);
}

Channels channels(const Op& op, Types inputs, Types, Edge edge) {
  const bool border = as<ops::DepthwiseConv2D>(op).padding != Padding{};
  return weighted_channels(edge, grouped_channels(inputs[0].shape[3], border),
                           weight_channels(kChannelAxis, -1));
}

}  // namespace

template <>
const OpDef& definition<ops::DepthwiseConv2D>() {
  static const OpDef def = {
      .name = "DepthwiseConv2D",
      .min_inputs = 2,
      .max_inputs = 3,
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = one_output<cost>,
      .channels = channels,
      .quantization = quantization,
      .activation = activation_of<ops::DepthwiseConv2D>,
      .quantize_inputs_for = quantize_inputs_for,
      .trainable_inputs = {1, 2},
      .in_place_inputs = {},
      .output_ranges = weighted_ranges_of<ops::DepthwiseConv2D, kernel_of>,
      .least_output_scale = least_weighted_scale_of<kChannelAxis>,
      .lower = lower,
      .mappings = {{Format::tflite, depthwise_conv2d_tflite()}},
  };
  return def;
}

}  // namespace mote
