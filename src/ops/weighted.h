// What Conv2D, DepthwiseConv2D, TransposeConv and FullyConnected share: operands (input, weights,
// bias), and one multiplier and one proven accumulator bound per output channel. Formulas:
// docs/arithmetic.md, section "Rescaling". Tested by weighted_test.cc and the operators' tests.
#pragma once

#include <span>
#include <string>

#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/weighted.h"

namespace mote {

// ---- for OpDef: `channel_axis` is the dimension of the weights that counts output channels, the
// first or the last.

// Throws unless the dtypes go together and the bias, where there is one, is [channels].
void check_weighted_types(Types inputs, int32_t channels);
// What contradicts the accumulator's scale in a bias, which is added to it as it is; empty where
// nothing does. Files round that scale in different ways, or leave it out. Input and weights have
// scales, one for each channel of the bias or one for all.
std::string bias_contradiction(const TensorType& input, const TensorType& weights,
                               const TensorType& bias);
void check_weighted_quantization(Types inputs, const TensorType& output, int32_t channel_axis);
// Every output element takes one multiply-accumulate for each weight of its channel.
Cost weighted_cost(Types inputs, const TensorType& output, int32_t channel_axis);
QuantizationRule weighted_quantization(int32_t channel_axis);
// OpDef::least_output_scale.
double least_weighted_scale(const Lowering& lowering, int32_t channel_axis);
// How the output depends on the operand of `edge`: on the input, on the weights, or on the bias.
Channels weighted_channels(Edge edge, const Channels& input, const Channels& weights);
// Whether output channels have different scales.
bool scales_differ(const TensorType& weights);

// ---- for lower

// The precision in which TFLite multiplies the scales of input and weights before it divides by the
// output's. The multipliers differ in their last bits, and so, now and then, do outputs.
enum class ScaleProduct { binary32, binary64 };

struct WeightedKernel {
  std::string name;  // without the type: "conv2d"
  int32_t channel_axis = 0;
  Activation activation = Activation::none;
  ScaleProduct per_tensor_product = ScaleProduct::binary64;  // per channel always binary64
  // Where weights are int8 and activations float32: whether inputs have a zero point, and the shape
  // of the scales that they are quantized by, one for each image or vector.
  bool asymmetric_inputs = false;
  Shape input_scales = {};
};

// OpDef::output_ranges.
std::vector<Range> weighted_ranges(const Lowering& lowering, const WeightedKernel& kernel,
                                   std::span<const SumRange> sums);

// The two as the operators' definitions have them.
template <class Attributes, WeightedKernel (*kernel_of)(const Attributes&)>
std::vector<Range> weighted_ranges_of(const Op& op, const Lowering& lowering,
                                      std::span<const SumRange> sums) {
  return weighted_ranges(lowering, kernel_of(as<Attributes>(op)), sums);
}
template <int32_t channel_axis>
double least_weighted_scale_of(const Op&, const Lowering& lowering) {
  return least_weighted_scale(lowering, channel_axis);
}

// Adds the call of <name>_f32, _f32s8, _s8 or _s16, whichever the types ask for; their operands are
// in runtime/weighted.h. `set_geometry` fills the fields that the parameter structs have in common;
// kernels whose accumulators of int16 always have 64 bits have neither `rounding` nor `bias_bits`.
// Throws Error{unsupported} where there is no such kernel or an accumulator could leave its bits.
template <class ParamsF32, class ParamsS8, class ParamsS16, class SetGeometry>
void lower_weighted(Lowering& lowering, const WeightedKernel& kernel, const Operand& input,
                    const SetGeometry& set_geometry);

// Fills what the parameter structs of the convolutions have in common: batch, input, window.
template <class Params, class Attributes>
void set_convolution(Params& params, const Attributes& conv, const Lowering& lowering);

// The parts of lower_weighted.
std::vector<TensorType> input_types(const Lowering& lowering);
struct ChannelMultipliers {
  std::vector<int32_t> multiplier;
  std::vector<int8_t> shift;
};
// Throws unless no accumulator, nor one that is rescaled, can leave its bits, whatever the input.
ChannelMultipliers channel_multipliers(const Lowering& lowering, const WeightedKernel& kernel);
Operand weighted_bias(Lowering& lowering, const WeightedKernel& kernel);
// Whether weights are int8 between float32 activations.
bool has_dynamic_inputs(Types inputs);
// Adds the call that quantizes `input` on the fly. Gives the operands of <name>_f32s8. Throws where
// an accumulator could leave its bits.
std::vector<Operand> dynamic_operands(Lowering& lowering, const WeightedKernel& kernel,
                                      const Operand& input, const Operand& weights,
                                      const Operand& bias);
// float32, int8 or int16, that of the input; throws on any other.
DType weighted_kernel_type(const Lowering& lowering);
// Of the accumulator: 32, or 64 for int16 inputs whose bias has 64 bits or is absent.
int32_t accumulator_bits(const Lowering& lowering);

template <class Params, class Attributes>
void set_convolution(Params& params, const Attributes& conv, const Lowering& lowering) {
  const Shape& input = lowering.input_type(0).shape;
  const Shape& weights = lowering.input_type(1).shape;
  params.batch = input[0];
  params.input_height = input[1];
  params.input_width = input[2];
  params.input_channels = input[3];
  params.output_width = lowering.output_type().shape[2];
  params.window_height = weights[1];
  params.window_width = weights[2];
  params.stride_height = conv.stride.height;
  params.stride_width = conv.stride.width;
  params.padding_top = conv.padding.top;
  params.padding_left = conv.padding.left;
  if constexpr (requires { conv.dilation; }) {
    params.dilation_height = conv.dilation.height;
    params.dilation_width = conv.dilation.width;
  }
}

template <class ParamsF32, class ParamsS8, class ParamsS16, class SetGeometry>
void lower_weighted(Lowering& lowering, const WeightedKernel& kernel, const Operand& input,
                    const SetGeometry& set_geometry) {
  const DType type = weighted_kernel_type(lowering);
  const Operand weights = lowering.weights(1, kernel.channel_axis);
  const Operand bias = weighted_bias(lowering, kernel);
  if (type == DType::float32) {
    ParamsF32 params{};
    set_geometry(params);
    const RealRange activation = activation_range(kernel.activation);
    params.activation_min = activation.min;
    params.activation_max = activation.max;
    const bool dynamic = has_dynamic_inputs(input_types(lowering));
    lowering.call(kernel.name + (dynamic ? "_f32s8" : "_f32"), params,
                  dynamic ? dynamic_operands(lowering, kernel, input, weights, bias)
                          : in_places({{MOTE_INPUT, input},
                                       {MOTE_WEIGHTS, weights},
                                       {MOTE_BIAS, bias},
                                       {MOTE_F32_OUTPUT, lowering.output()}}));
    return;
  }
  const auto [multiplier, shift] = channel_multipliers(lowering, kernel);
  const Shape channels{static_cast<int32_t>(shift.size())};
  const std::vector<Operand> operands = in_places(
      {{MOTE_INPUT, input},
       {MOTE_WEIGHTS, weights},
       {MOTE_BIAS, bias},
       {MOTE_INTEGER_MULTIPLIER, lowering.constant("multiplier", {DType::int32, channels, {}},
                                                   to_bytes<int32_t>(multiplier))},
       {MOTE_INTEGER_SHIFT,
        lowering.constant("shift", {DType::int8, channels, {}}, to_bytes<int8_t>(shift))},
       {MOTE_INTEGER_OUTPUT, lowering.output()}});
  const auto set_integer_fields = [&](auto& params) {
    set_geometry(params);
    const Range activation = activation_range(kernel.activation, lowering.output_type());
    params.activation_min = activation.min;
    params.activation_max = activation.max;
    if constexpr (requires { params.rounding; }) params.rounding = lowering.rounding;
  };
  if (type == DType::int16) {
    ParamsS16 params{};
    set_integer_fields(params);
    if constexpr (requires { params.bias_bits; }) params.bias_bits = accumulator_bits(lowering);
    lowering.call(kernel.name + "_s16", params, operands);
    return;
  }
  ParamsS8 params{};
  set_integer_fields(params);
  params.input_zero_point = zero_point_of(lowering.input_type(0));
  params.output_zero_point = zero_point_of(lowering.output_type());
  lowering.call(kernel.name + "_s8", params, operands);
}

}  // namespace mote
