// The definition of LeakyRelu (leaky_relu.h). Tested by leaky_relu_test.cc.
#include "ops/leaky_relu/leaky_relu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/leaky_relu/leaky_relu_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"

namespace mote {

Mapping leaky_relu_tflite();  // leaky_relu_tflite.cc

namespace {

TensorType infer(const Op& op, Types inputs) {
  const float alpha = as<ops::LeakyRelu>(op).alpha;
  if (!std::isfinite(alpha)) throw Error(ErrorKind::invalid_input, fmt::format("alpha {}", alpha));
  return {inputs[0].dtype, inputs[0].shape, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
}

void lower_integer(Lowering& lowering, const Rows& rows, float alpha) {
  const TensorType &input = lowering.input_type(0), &output = lowering.output_type();
  // In binary32, each step rounded, and then widened: TFLite's derivation.
  const float above = scale_of(input) / scale_of(output);
  const float below = scale_of(input) * alpha / scale_of(output);
  const mote_multiplier positive = rescale_multiplier(above, lowering);
  const mote_multiplier negative = rescale_multiplier(std::abs(below), lowering);
  const mote_leaky_relu_s8_params params = {
      .batch = rows.images,
      .row_elements = rows.row_elements,
      .input_zero_point = zero_point_of(input),
      .output_zero_point = zero_point_of(output),
      .positive_multiplier = positive.multiplier,
      .positive_shift = positive.shift,
      .negative_multiplier = below < 0.0f ? -negative.multiplier : negative.multiplier,
      .negative_shift = negative.shift,
      .rounding = lowering.rounding};
  lowering.call("leaky_relu" + kernel_suffix(lowering), params, unary_operands(lowering));
}

void lower(const Op& op, Lowering& lowering) {
  const float alpha = as<ops::LeakyRelu>(op).alpha;
  const Rows rows = rows_of(lowering.output_type().shape);
  if (lowering.output_type().dtype == DType::float32) {
    const mote_leaky_relu_f32_params params = {
        .batch = rows.images, .row_elements = rows.row_elements, .alpha = alpha};
    lowering.call("leaky_relu_f32", params, unary_operands(lowering));
  } else {
    lower_integer(lowering, rows, alpha);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::LeakyRelu>() {
  static const OpDef def = {
      .name = "LeakyRelu",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = same_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule { return {.inputs = {{}}}; },
      .in_place_inputs = {0},
      .least_output_scale =
          [](const Op& op, const Lowering& lowering) {
            const double alpha = std::abs(as<ops::LeakyRelu>(op).alpha);
            return least_rescaled_scale(std::max(alpha, 1.0), lowering);
          },
      .lower = lower,
      .mappings = {{Format::tflite, leaky_relu_tflite()}},
  };
  return def;
}

}  // namespace mote
