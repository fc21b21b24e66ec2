// The definition of Conv2D (conv2d.h). Tested by conv2d_test.cc.
#include "ops/conv2d/conv2d.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ops/conv2d/conv2d_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/weighted.h"
#include "ops/window.h"

namespace mote {

Mapping conv2d_tflite();  // conv2d_tflite.cc

namespace {

constexpr int32_t kChannelAxis = 0;

TensorType infer(const Op& op, Types inputs) {
  const auto& conv = as<ops::Conv2D>(op);
  const Shape& input = inputs[0].shape;
  const Shape& weights = inputs[1].shape;
  if (input.size() != 4 || weights.size() != 4)
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} is not [N, H, W, C] or weights {} are not [O, H, W, I]",
                            to_string(input), to_string(weights)));
  if (conv.groups < 1 || input[3] % conv.groups != 0 || input[3] / conv.groups != weights[3] ||
      weights[0] % conv.groups != 0)
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} and weights {} do not make {} groups", to_string(input),
                            to_string(weights), conv.groups));
  check_weighted_types(inputs, weights[0]);
  const Size2D positions =
      window_positions(input, {weights[1], weights[2]}, conv.stride, conv.dilation, conv.padding);
  return {inputs[0].dtype, {input[0], positions.height, positions.width, weights[0]}, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_weighted_quantization(inputs, output, kChannelAxis);
}

Cost cost(const Op&, Types inputs, const TensorType& output) {
  return weighted_cost(inputs, output, kChannelAxis);
}

QuantizationRule quantization(const Op&, Scheme) {
  return weighted_quantization(kChannelAxis);
}

// TFLite gives the inputs a zero point where each channel has its own scale, or its own inputs.
void quantize_inputs_for(Op& op, const TensorType& weights) {
  auto& conv = as<ops::Conv2D>(op);
  conv.asymmetric_inputs = conv.groups != 1 || scales_differ(weights);
}

WeightedKernel kernel_of(const ops::Conv2D& conv) {
  return {.name = "conv2d",
          .channel_axis = kChannelAxis,
          .activation = conv.activation,
          .asymmetric_inputs = conv.asymmetric_inputs};
}

void lower(const Op& op, Lowering& lowering) {
  const auto& conv = as<ops::Conv2D>(op);
  const auto set_geometry = [&](auto& params) {
    const Shape& weights = lowering.input_type(1).shape;
    set_convolution(params, conv, lowering);
    params.output_channels = weights[0];
    params.group_inputs = weights[3];
    params.group_outputs = weights[0] / conv.groups;
  };
  WeightedKernel kernel = kernel_of(conv);
  kernel.input_scales = {lowering.input_type(0).shape[0], 1, 1};
  lower_weighted<mote_conv2d_f32_params, mote_conv2d_s8_params, mote_conv2d_s16_params>(
      lowering, kernel, lowering.input(0), set_geometry);
}

Channels channels(const Op& op, Types, Types, Edge edge) {
  const auto& conv = as<ops::Conv2D>(op);
  return weighted_channels(edge, grouped_channels(conv.groups, conv.padding != Padding{}),
                           weight_channels(kChannelAxis, 3));
}

// Of groups that have one input each, those that lose it go.
void keep_channels(Op& op, Types, const KeptOfNode& kept) {
  auto& conv = as<ops::Conv2D>(op);
  if (conv.groups == std::ssize(kept.inputs[0])) conv.groups = count_kept(kept.inputs[0]);
}

}  // namespace

template <>
const OpDef& definition<ops::Conv2D>() {
  static const OpDef def = {
      .name = "Conv2D",
      .min_inputs = 2,
      .max_inputs = 3,
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = one_output<cost>,
      .channels = channels,
      .keep_channels = keep_channels,
      .quantization = quantization,
      .activation = activation_of<ops::Conv2D>,
      .quantize_inputs_for = quantize_inputs_for,
      .trainable_inputs = {1, 2},
      .in_place_inputs = {},
      .output_ranges = weighted_ranges_of<ops::Conv2D, kernel_of>,
      .least_output_scale = least_weighted_scale_of<kChannelAxis>,
      .lower = lower,
      .mappings = {{Format::tflite, conv2d_tflite()}},
  };
  return def;
}

}  // namespace mote
