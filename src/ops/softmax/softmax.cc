// The definition of Softmax (softmax.h). Tested by softmax_test.cc.
#include "ops/softmax/softmax.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/softmax/softmax_kernels.h"
#include "ops/softmax/softmax_tables.h"

namespace mote {

Mapping softmax_tflite();  // softmax_tflite.cc

namespace {

Quantization output_quantization(DType input, bool int16_output) {
  if (int16_output) return per_tensor(1.0f / 65536.0f, -32768, 16);
  if (input == DType::int16) return per_tensor(1.0f / 32768.0f, 0, 16);
  return per_tensor(1.0f / 256.0f, -128);
}

TensorType infer(const Op& op, Types inputs) {
  if (inputs[0].shape.empty()) throw Error(ErrorKind::invalid_input, "a softmax of a scalar");
  const bool int16_output = as<ops::Softmax>(op).int16_output;
  if (int16_output && inputs[0].dtype != DType::int8)
    throw Error(
        ErrorKind::unsupported,
        fmt::format("a softmax of {} with int16_output; int8 expected", name_of(inputs[0].dtype)));
  return {int16_output ? DType::int16 : inputs[0].dtype, inputs[0].shape, {}};
}

void check_quantized(const Op& op, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  if (!is_integer(output)) return;
  const Quantization fixed =
      output_quantization(inputs[0].dtype, as<ops::Softmax>(op).int16_output);
  const std::optional<Quantization>& q = output.quantization;
  if (!q || q->scale != fixed.scale || q->zero_point != fixed.zero_point)
    throw Error(ErrorKind::invalid_input,
                fmt::format("output is {}; scale {} and zero point {} expected", to_string(output),
                            fixed.scale[0], fixed.zero_point[0]));
}

constexpr double kFractions = 1 << 26;  // of the Q5.26 in which int8 differences are

void lower_s8(Lowering& lowering, const ops::Softmax& softmax) {
  const TensorType& input = lowering.input_type(0);
  const Extent extent = extent_of(input.shape);
  const auto unsupported = [&](const std::string& message) {
    return Error(ErrorKind::unsupported, message, describe(lowering.node));
  };
  if (extent.channels >= 4096)
    throw unsupported(fmt::format("{} channels; the sum holds up to 4095", extent.channels));

  const double rescale = std::min(
      static_cast<double>(softmax.beta) * static_cast<double>(scale_of(input)) * kFractions,
      2147483647.0);
  if (!(rescale > 1.0))
    throw unsupported(
        fmt::format("beta {} and scale {} are too small", softmax.beta, scale_of(input)));
  const mote_multiplier multiplier = mote_quantize_multiplier(rescale);
  // 31 in Q5.26 before the shift: below, exp is 0 for all that the output shows.
  const int64_t radius = mote_shift_right_s64(int64_t{31} << 26, multiplier.shift);
  const DType output = lowering.output_type().dtype;
  const Range range = integer_range(output);
  const mote_softmax_s8_params params = {.batch = extent.images,
                                         .width = extent.width,
                                         .channels = extent.channels,
                                         .multiplier = multiplier.multiplier,
                                         .shift = multiplier.shift,
                                         .difference_min = static_cast<int32_t>(-radius),
                                         .output_bits = static_cast<int32_t>(8 * size_of(output)),
                                         .output_min = range.min,
                                         .output_max = range.max};
  lowering.call("softmax_s8", params, unary_operands(lowering));
}

void lower_s16(Lowering& lowering, float beta) {
  const TensorType& input = lowering.input_type(0);
  const Extent extent = extent_of(input.shape);
  if (extent.channels >= 65536)
    throw Error(ErrorKind::unsupported,
                fmt::format("{} channels; the sum holds up to 65535", extent.channels),
                describe(lowering.node));
  const double product = static_cast<double>(scale_of(input)) * static_cast<double>(beta);
  const mote_multiplier multiplier = rescale_multiplier(product / (10.0 / 65535.0), lowering);
  const mote_softmax_s16_params params = {.batch = extent.images,
                                          .width = extent.width,
                                          .channels = extent.channels,
                                          .multiplier = multiplier.multiplier,
                                          .shift = multiplier.shift,
                                          .rounding = lowering.rounding};
  const auto table = [&](const std::string& name, const std::vector<int16_t>& entries) {
    const TensorType type = {DType::int16, {MOTE_SOFTMAX_TABLE_STEPS + 1}, {}};
    return lowering.constant(name, type, to_bytes<int16_t>(entries));
  };
  lowering.call(
      "softmax_s16", params,
      in_places({{MOTE_SOFTMAX_S16_INPUT, lowering.input(0)},
                 {MOTE_SOFTMAX_S16_EXPONENTIAL, table("exponential", softmax_exponential_table())},
                 {MOTE_SOFTMAX_S16_RECIPROCAL, table("reciprocal", softmax_reciprocal_table())},
                 {MOTE_SOFTMAX_S16_OUTPUT, lowering.output()}}));
}

void lower(const Op& op, Lowering& lowering) {
  const auto& softmax = as<ops::Softmax>(op);
  const float beta = softmax.beta;
  const DType dtype = lowering.input_type(0).dtype;
  if (dtype == DType::float32) {
    const Extent extent = extent_of(lowering.output_type().shape);
    const mote_softmax_f32_params params = {
        .batch = extent.images, .width = extent.width, .channels = extent.channels, .beta = beta};
    lowering.call("softmax_f32", params, unary_operands(lowering));
  } else if (dtype == DType::int8) {
    lower_s8(lowering, softmax);
  } else if (dtype == DType::int16) {
    lower_s16(lowering, beta);
  } else {
    throw lowering.no_kernel();
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Softmax>() {
  static const OpDef def = {
      .name = "Softmax",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = all_channels,
      .quantization = [](const Op& op, Scheme scheme) -> QuantizationRule {
        return {.inputs = {{}},
                .outputs = {{.kind = OutputRule::Kind::fixed,
                             .fixed = output_quantization(info_of(scheme).activations,
                                                          as<ops::Softmax>(op).int16_output)}}};
      },
      .in_place_inputs = {0},
      // Of int8; int16 takes any that is not too large.
      .least_input_scale =
          [](const Op& op) { return 2 / (as<ops::Softmax>(op).beta * kFractions); },
      .lower = lower,
      .mappings = {{Format::tflite, softmax_tflite()}},
  };
  return def;
}

}  // namespace mote
