#include "ops/weighted.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>

#include "base/error.h"
#include "ops/lowering.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/arithmetic/requantize.h"

extern "C" {
#include "ops/quantize/quantize_kernels.h"
}

namespace mote {
namespace {

constexpr size_t kInput = 0;
constexpr size_t kWeights = 1;
constexpr size_t kBias = 2;

bool has_bias(Types inputs) {
  return inputs.size() > kBias && !inputs[kBias].shape.empty();
}

[[noreturn]] void fail(ErrorKind kind, const std::string& message) {
  throw Error(kind, message);
}

int32_t channel_count(const Shape& weights, int32_t channel_axis) {
  return weights.at(static_cast<size_t>(channel_axis));
}

float scale_at(const Quantization& quantization, size_t channel) {
  return quantization.scale[quantization.per_channel() ? channel : 0];
}

void check_weights(const TensorType& weights, int32_t channel_axis) {
  const auto fail_with = [&](std::string_view why) {
    fail(ErrorKind::invalid_input, fmt::format("weights {}: {}", to_string(weights), why));
  };
  if (!weights.quantization) fail_with("they have no scale");
  const Quantization& q = *weights.quantization;
  if (q.per_channel() && q.axis != channel_axis)
    fail_with(fmt::format("one scale for each index of dimension {} expected", channel_axis));
  for (int32_t zero_point : q.zero_point)
    if (zero_point != 0)
      fail(ErrorKind::unsupported,
           fmt::format("weights {}: zero point {}, 0 expected", to_string(weights), zero_point));
}

void check_bias(Types inputs) {
  const std::string contradiction =
      bias_contradiction(inputs[kInput], inputs[kWeights], inputs[kBias]);
  if (!contradiction.empty()) fail(ErrorKind::invalid_input, contradiction);
}

// The bias of a channel, limited so that a sum with it cannot overflow.
int64_t bias_of(const Lowering& lowering, size_t channel) {
  if (!lowering.has_input(kBias)) return 0;
  const Value& bias = lowering.input_value(kBias);
  if (bias.type.dtype == DType::float32) return 0;  // added to the rescaled sum
  if (bias.type.dtype == DType::int32) return data_as<int32_t>(bias)[channel];
  constexpr int64_t kLargest = int64_t{1} << 62;
  return std::min(std::max(data_as<int64_t>(bias)[channel], -kLargest), kLargest);
}

// What an integer of the input can be, counted from its zero point: from 0 or below to 0 or above.
Range input_range(const Lowering& lowering, const WeightedKernel& kernel) {
  const TensorType& input = lowering.input_type(kInput);
  if (input.dtype == DType::float32)  // the whole of int8 from one end, or its narrow range from 0
    return kernel.asymmetric_inputs ? Range{-255, 255} : weight_range(8);
  const Range range = integer_range(input.dtype);
  const int32_t zero_point = zero_point_of(input);
  return {range.min - zero_point, range.max - zero_point};
}

// The largest absolute value that the accumulator of each channel can take: all products of one
// sign come first, and the bias first or last.
std::vector<int64_t> accumulator_bounds(const Lowering& lowering, const WeightedKernel& kernel) {
  const Value& weights = lowering.input_value(kWeights);
  const auto elements = data_as<int8_t>(weights);
  const int32_t channel_axis = kernel.channel_axis;
  const auto channels = static_cast<size_t>(channel_count(weights.type.shape, channel_axis));
  const size_t per_channel = elements.size() / channels;
  const Range input = input_range(lowering, kernel);
  std::vector<int64_t> least(channels, 0), most(channels, 0);
  for (size_t i = 0; i < elements.size(); i++) {
    const size_t c = channel_axis == 0 ? i / per_channel : i % channels;
    const auto [low, high] = std::minmax({int64_t{input.min} * elements[i],  //
                                          int64_t{input.max} * elements[i]});
    least[c] += low;
    most[c] += high;
  }
  for (size_t c = 0; c < channels; c++) {
    const int64_t bias = bias_of(lowering, c);
    const int64_t without_bias = std::max(most[c], -least[c]);
    most[c] = std::max({without_bias, std::abs(bias + most[c]), std::abs(bias + least[c])});
  }
  return most;
}

// How large the rescaled sum may be, and the shift of its multiplier, whose factor is below
// 2^shift and may be half of it: hence the margin, and as much again for rounding.
constexpr int64_t kMostNarrowOutput = std::numeric_limits<int32_t>::max() - 256;  // + zero point
constexpr int32_t kMostNarrowShift = 30;
constexpr int64_t kMostWideOutput = std::numeric_limits<int32_t>::max();
constexpr int32_t kMostWideShift = 7;
constexpr double kShiftMargin = 4;

void check_bound(const Node& node, size_t channel, int64_t bound, mote_multiplier m) {
  constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();
  const char* hint = "a larger weight scale makes weights and bias smaller integers";
  if (bound > kLargest)
    throw Error(ErrorKind::unsupported,
                fmt::format("the accumulator of output channel {} can reach {}, beyond int32",
                            channel, bound),
                describe(node), hint);
  const int64_t raised = m.shift > kMostNarrowShift ? kLargest + 1 : bound << std::max(m.shift, 0);
  const int64_t rescaled = std::min(raised, kLargest) * m.multiplier >> (31 - std::min(m.shift, 0));
  if (raised > kLargest || rescaled > kMostNarrowOutput)
    throw Error(ErrorKind::unsupported,
                fmt::format("the accumulator of output channel {} can reach {}, beyond int32 "
                            "once scaled by 2^{}",
                            channel, bound, m.shift),
                describe(node), hint);
}

// What mote_requantize_s64 asks for, and that its result is an int32.
void check_wide_bound(const Node& node, size_t channel, int64_t bound, mote_multiplier m) {
  constexpr int64_t kLargest = int64_t{1} << 47;
  const char* hint = "a larger weight scale makes weights and bias smaller integers";
  if (bound >= kLargest)
    throw Error(ErrorKind::unsupported,
                fmt::format("the accumulator of output channel {} can reach {}, beyond 48 bits",
                            channel, bound),
                describe(node), hint);
  const double largest_output =
      m.multiplier == 0 ? 0 : static_cast<double>(bound) * std::ldexp(1.0, m.shift);
  if (m.shift > kMostWideShift || largest_output >= kMostWideOutput)
    throw Error(ErrorKind::unsupported,
                fmt::format("the accumulator of output channel {} can reach {}, beyond int32 "
                            "once scaled by 2^{}",
                            channel, bound, m.shift),
                describe(node), hint);
}

// Whether a bias of integers is 0 for every channel: kernels need none then.
bool adds_nothing(const Lowering& lowering) {
  if (!lowering.has_input(kBias)) return false;
  const Value& bias = lowering.input_value(kBias);
  return bias.constant() && bias.type.dtype != DType::float32 &&
         std::ranges::all_of(*bias.data, [](uint8_t byte) { return byte == 0; });
}

bool has_bias_type(DType bias, DType input) {
  if (input == DType::float32) return bias == DType::float32;
  return bias == DType::int32 || (bias == DType::int64 && input == DType::int16);
}

}  // namespace

std::string bias_contradiction(const TensorType& input, const TensorType& weights,
                               const TensorType& bias) {
  if (!bias.quantization) return {};
  for (size_t c = 0; c < static_cast<size_t>(element_count(bias.shape)); c++) {
    const double stored = scale_at(*bias.quantization, c);
    const double product =
        static_cast<double>(scale_of(input)) * scale_at(*weights.quantization, c);
    if (std::abs(stored - product) > 0.01 * product + std::numeric_limits<float>::min())
      return fmt::format(
          "the bias of channel {} has scale {}, but those of input and weights give {}", c, stored,
          product);
  }
  for (int32_t zero_point : bias.quantization->zero_point)
    if (zero_point != 0) return fmt::format("bias zero point {}, 0 expected", zero_point);
  return {};
}

void check_weighted_types(Types inputs, int32_t channels) {
  const DType type = inputs[kInput].dtype;
  const DType weights_type = type == DType::int16 ? DType::int8 : type;
  if (inputs[kWeights].dtype != weights_type && !has_dynamic_inputs(inputs))
    fail(ErrorKind::unsupported, fmt::format("{} weights for an input of {}",
                                             name_of(inputs[kWeights].dtype), name_of(type)));
  if (!has_bias(inputs)) return;
  if (!has_bias_type(inputs[kBias].dtype, type))
    fail(ErrorKind::unsupported,
         fmt::format("{} bias for an input of {}", name_of(inputs[kBias].dtype), name_of(type)));
  if (inputs[kBias].shape != Shape{channels})
    fail(ErrorKind::invalid_input,
         fmt::format("bias {} for {} output channels of weights {}", to_string(inputs[kBias].shape),
                     channels, to_string(inputs[kWeights].shape)));
}

void check_weighted_quantization(Types inputs, const TensorType& output, int32_t channel_axis) {
  if (has_dynamic_inputs(inputs)) check_weights(inputs[kWeights], channel_axis);
  if (!is_integer(inputs[kInput])) return;
  check_activation(inputs[kInput], "input");
  check_activation(output, "output");
  check_weights(inputs[kWeights], channel_axis);
  if (has_bias(inputs)) check_bias(inputs);
}

Cost weighted_cost(Types inputs, const TensorType& output, int32_t channel_axis) {
  const int64_t weights = element_count(inputs[kWeights].shape);
  const int64_t taps = weights / channel_count(inputs[kWeights].shape, channel_axis);
  const int64_t biases = has_bias(inputs) ? element_count(inputs[kBias].shape) : 0;
  return {.macs = element_count(output.shape) * taps, .parameters = weights + biases};
}

QuantizationRule weighted_quantization(int32_t channel_axis) {
  QuantizationRule rule;
  rule.inputs = {{.role = Role::activation},
                 {.role = Role::weight, .axis = channel_axis},
                 {.role = Role::bias}};
  return rule;
}

double least_weighted_scale(const Lowering& lowering, int32_t channel_axis) {
  WeightedKernel kernel;
  kernel.channel_axis = channel_axis;
  const std::vector<int64_t> bounds = accumulator_bounds(lowering, kernel);
  const Quantization& weights = lowering.input_type(kWeights).quantization.value();
  const bool wide = accumulator_bits(lowering) == 64;
  const double room = wide ? kMostWideOutput : kMostNarrowOutput;
  const double factor = std::ldexp(1.0, wide ? kMostWideShift : kMostNarrowShift);
  double least = 0;
  for (size_t c = 0; c < bounds.size(); c++) {
    const double product =
        static_cast<double>(scale_of(lowering.input_type(kInput))) * scale_at(weights, c);
    least = std::max(least, product * std::max(static_cast<double>(bounds[c]) / room, 1 / factor));
  }
  return kShiftMargin * least;
}

Channels weighted_channels(Edge edge, const Channels& input, const Channels& weights) {
  if (edge.input == kInput) return input;
  return edge.input == kWeights ? weights : parameter_channels(0);
}

bool scales_differ(const TensorType& weights) {
  if (!weights.quantization) return false;
  const std::vector<float>& scale = weights.quantization->scale;
  return std::ranges::adjacent_find(scale, std::not_equal_to<>()) != scale.end();
}

std::vector<TensorType> input_types(const Lowering& lowering) {
  std::vector<TensorType> types;
  for (size_t i = 0; i < lowering.input_count(); i++)
    types.push_back(lowering.has_input(i) ? lowering.input_type(i) : TensorType{});
  return types;
}

DType weighted_kernel_type(const Lowering& lowering) {
  const DType type = lowering.input_type(kInput).dtype;
  if (type != DType::float32 && type != DType::int8 && type != DType::int16)
    throw Error(ErrorKind::unsupported, fmt::format("no kernel for {}", name_of(type)),
                describe(lowering.node));
  return type;
}

int32_t accumulator_bits(const Lowering& lowering) {
  if (lowering.input_type(kInput).dtype != DType::int16) return 32;
  const bool narrow = lowering.has_input(kBias) && lowering.input_type(kBias).dtype == DType::int32;
  return narrow ? 32 : 64;
}

Operand weighted_bias(Lowering& lowering, const WeightedKernel& kernel) {
  const int32_t channels = channel_count(lowering.input_type(kWeights).shape, kernel.channel_axis);
  if (lowering.has_input(kBias) && lowering.input_type(kBias).shape != Shape{channels})
    throw Error(ErrorKind::invalid_input,
                fmt::format("bias {} for {} output channels",
                            to_string(lowering.input_type(kBias).shape), channels),
                describe(lowering.node));
  if (adds_nothing(lowering)) return {};
  return lowering.constant_input(kBias, "bias");
}

bool has_dynamic_inputs(Types inputs) {
  return inputs[kInput].dtype == DType::float32 && inputs[kWeights].dtype == DType::int8;
}

std::vector<Operand> dynamic_operands(Lowering& lowering, const WeightedKernel& kernel,
                                      const Operand& input, const Operand& weights,
                                      const Operand& bias) {
  check_weighted_quantization(input_types(lowering), lowering.output_type(), kernel.channel_axis);
  const std::vector<int64_t> bounds = accumulator_bounds(lowering, kernel);
  for (size_t c = 0; c < bounds.size(); c++) check_bound(lowering.node, c, bounds[c], {});

  const auto pieces = static_cast<int32_t>(element_count(kernel.input_scales));
  const Operand scale = lowering.intermediate("scale", {DType::float32, kernel.input_scales, {}});
  const Operand zero_point =
      lowering.intermediate("zero point", {DType::int32, kernel.input_scales, {}});
  Operand quantized = lowering.intermediate("quantized", {DType::int8, input.type.shape, {}});
  const auto by_piece = [&](Operand operand) {  // each is one row to quantize_dynamic
    operand.row_stride_bytes = static_cast<int32_t>(byte_size(operand.type) / pieces);
    operand.image_rows = 1;
    return operand;
  };
  const auto elements = static_cast<int32_t>(element_count(input.type.shape) / pieces);
  lowering.call("quantize_dynamic",
                mote_quantize_dynamic_params{pieces, elements, kernel.asymmetric_inputs},
                in_places({{MOTE_QUANTIZE_DYNAMIC_INPUT, by_piece(input)},
                           {MOTE_QUANTIZE_DYNAMIC_SCALE, by_piece(scale)},
                           {MOTE_QUANTIZE_DYNAMIC_ZERO_POINT, by_piece(zero_point)},
                           {MOTE_QUANTIZE_DYNAMIC_OUTPUT, by_piece(quantized)}}));

  quantized.row_stride_bytes = input.row_stride_bytes / static_cast<int32_t>(sizeof(float));
  quantized.image_rows = input.image_rows;
  const Quantization& q = *lowering.input_type(kWeights).quantization;
  std::vector<float> weight_scales;
  for (size_t c = 0; c < bounds.size(); c++) weight_scales.push_back(scale_at(q, c));
  const Operand weight_scale =
      lowering.constant("scale", {DType::float32, {static_cast<int32_t>(weight_scales.size())}, {}},
                        to_bytes<float>(weight_scales));
  return in_places({{MOTE_INPUT, quantized},
                    {MOTE_WEIGHTS, weights},
                    {MOTE_BIAS, bias},
                    {MOTE_F32S8_WEIGHT_SCALE, weight_scale},
                    {MOTE_F32S8_INPUT_SCALE, scale},
                    {MOTE_F32S8_ZERO_POINT, zero_point},
                    {MOTE_F32S8_OUTPUT, lowering.output()}});
}

ChannelMultipliers channel_multipliers(const Lowering& lowering, const WeightedKernel& kernel) {
  check_weighted_quantization(input_types(lowering), lowering.output_type(), kernel.channel_axis);
  const Quantization& weights = *lowering.input_type(kWeights).quantization;
  const float input_scale = scale_of(lowering.input_type(kInput));
  const double output_scale = scale_of(lowering.output_type());
  const bool in_binary32 =
      !weights.per_channel() && kernel.per_tensor_product == ScaleProduct::binary32;

  ChannelMultipliers result;
  const std::vector<int64_t> bounds = accumulator_bounds(lowering, kernel);
  for (size_t c = 0; c < bounds.size(); c++) {
    const float weight_scale = scale_at(weights, c);
    const double product = in_binary32 ? static_cast<double>(input_scale * weight_scale)
                                       : static_cast<double>(input_scale) * weight_scale;
    const mote_multiplier m = mote_quantize_multiplier(product / output_scale);
    (accumulator_bits(lowering) == 64 ? check_wide_bound : check_bound)(lowering.node, c, bounds[c],
                                                                        m);
    result.multiplier.push_back(m.multiplier);
    result.shift.push_back(static_cast<int8_t>(m.shift));
  }
  return result;
}

std::vector<Range> weighted_ranges(const Lowering& lowering, const WeightedKernel& kernel,
                                   std::span<const SumRange> sums) {
  if (!is_integer(lowering.input_type(kInput))) throw lowering.no_kernel();
  const ChannelMultipliers channels = channel_multipliers(lowering, kernel);
  const bool wide = accumulator_bits(lowering) == 64;
  const Range activation = activation_range(kernel.activation, lowering.output_type());
  const int32_t zero_point = zero_point_of(lowering.output_type());
  std::vector<Range> ranges;
  for (size_t c = 0; c < sums.size(); c++) {
    // Both are monotone.
    const int32_t multiplier = channels.multiplier[c], shift = channels.shift[c];
    const auto rescaled = [&](int64_t sum, mote_rounding rounding) {
      if (!wide)
        return mote_requantize_rounded_s32(static_cast<int32_t>(sum), multiplier, shift, rounding);
      return rounding == MOTE_ROUNDING_SINGLE ? mote_requantize_single_s64(sum, multiplier, shift)
                                              : mote_requantize_s64(sum, multiplier, shift);
    };
    const auto output = [&](int64_t sum, mote_rounding rounding) {
      return mote_clamp_s32(rescaled(sum, rounding) + zero_point, activation.min, activation.max);
    };
    const auto [least, most] = sums[c];
    ranges.push_back(
        {std::min(output(least, MOTE_ROUNDING_DOUBLE), output(least, MOTE_ROUNDING_SINGLE)),
         std::max(output(most, MOTE_ROUNDING_DOUBLE), output(most, MOTE_ROUNDING_SINGLE))});
  }
  return ranges;
}

}  // namespace mote
