// The definition of Dequantize (dequantize.h). Tested by dequantize_test.cc.
#include "ops/dequantize/dequantize.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ops/dequantize/dequantize_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"

namespace mote {

Mapping dequantize_tflite();  // dequantize_tflite.cc

namespace {

TensorType infer(const Op&, Types inputs) {
  if (!is_integer(inputs[0]))
    throw Error(ErrorKind::invalid_input, fmt::format("dequantizes {}", to_string(inputs[0])));
  return {DType::float32, inputs[0].shape, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType&) {
  check_activation(inputs[0], "input");
}

void lower(const Op&, Lowering& lowering) {
  const TensorType& input = lowering.input_type(0);
  const bool wide = input.dtype == DType::int16;
  if (input.dtype != DType::int8 && !wide) throw lowering.no_kernel();
  const Rows rows = rows_of(input.shape);
  const mote_dequantize_s8_f32_params params = {.batch = rows.images,
                                                .row_elements = rows.row_elements,
                                                .scale = scale_of(input),
                                                .zero_point = zero_point_of(input)};
  lowering.call(wide ? "dequantize_s16_f32" : "dequantize_s8_f32", params,
                unary_operands(lowering));
}

}  // namespace

template <>
const OpDef& definition<ops::Dequantize>() {
  static const OpDef def = {
      .name = "Dequantize",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = same_channels,
      // It is the border of integers already; what it makes stays as it is.
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.stays_float = true, .inputs = {{}}};
      },
      .lower = lower,
      .mappings = {{Format::tflite, dequantize_tflite()}},
  };
  return def;
}

}  // namespace mote
