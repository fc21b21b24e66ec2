// The definition of Dequantize (dequantize.h). Tested by dequantize_test.cc.
#include "ops/dequantize/dequantize.h"

#include <string>

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
    throw Error(
        inputs[0].dtype == DType::float16 ? ErrorKind::unsupported : ErrorKind::invalid_input,
        fmt::format("dequantizes {}", to_string(inputs[0])));
  return {DType::float32, inputs[0].shape, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType&) {
  check_border(inputs[0], "input");
}

// The part of the kernel's name that stands for the input; throws where there is no such kernel.
std::string input_name(const Lowering& lowering) {
  switch (lowering.input_type(0).dtype) {
    case DType::int8:
      return "_s8";
    case DType::uint8:
      return "_u8";
    case DType::int16:
      return "_s16";
    default:
      throw lowering.no_kernel();
  }
}

void lower(const Op&, Lowering& lowering) {
  const TensorType& input = lowering.input_type(0);
  const std::string kernel = "dequantize" + input_name(lowering) + "_f32";
  const Rows rows = rows_of(input.shape);
  const mote_dequantize_s8_f32_params params = {.batch = rows.images,
                                                .row_elements = rows.row_elements,
                                                .scale = scale_of(input),
                                                .zero_point = zero_point_of(input)};
  lowering.call(kernel, params, unary_operands(lowering));
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
