// The definition of Quantize (quantize.h). Tested by quantize_test.cc.
#include "ops/quantize/quantize.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/quantize/quantize_kernels.h"
#include "ops/requantization.h"

namespace mote {

Mapping quantize_tflite();  // quantize_tflite.cc

namespace {

TensorType infer(const Op& op, Types inputs) {
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  if (!is_border_type(quantize.dtype))
    throw Error(
        ErrorKind::unsupported,
        fmt::format("quantizes to {}; int8, uint8, int16 and int32 do", name_of(quantize.dtype)));
  if (!(quantize.scale > 0.0f))
    throw Error(ErrorKind::invalid_input, fmt::format("scale {}", quantize.scale));
  const auto bits = static_cast<int32_t>(8 * size_of(quantize.dtype));
  return {quantize.dtype, inputs[0].shape, per_tensor(quantize.scale, quantize.zero_point, bits)};
}

void check_quantized(const Op& op, Types inputs, const TensorType& output) {
  check_border(inputs[0], "input");
  check_border(output, "output");
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  if (scale_of(output) != quantize.scale || zero_point_of(output) != quantize.zero_point)
    throw Error(ErrorKind::invalid_input,
                fmt::format("quantizes to scale {} and zero point {}, but the output is {}",
                            quantize.scale, quantize.zero_point, to_string(output)));
}

// The part of a kernel's name that stands for a type; throws where there is no such kernel.
std::string name_part(DType dtype, const Lowering& lowering) {
  switch (dtype) {
    case DType::float32:
      return "_f32";
    case DType::int8:
      return "_s8";
    case DType::uint8:
      return "_u8";
    case DType::int16:
      return "_s16";
    case DType::int32:
      return "_s32";
    default:
      throw lowering.no_kernel();
  }
}

// Throws for float32 to int32 and for int32 to itself, which nothing needs and TFLM has not either.
std::string kernel_name(const Lowering& lowering) {
  const DType from = lowering.input_type(0).dtype, to = lowering.output_type().dtype;
  if (to == DType::int32 && (from == DType::float32 || from == DType::int32))
    throw lowering.no_kernel();
  return "quantize" + name_part(from, lowering) + name_part(to, lowering);
}

void lower_integer(Lowering& lowering, const ops::Quantize& quantize, const Rows& rows) {
  const TensorType& input = lowering.input_type(0);
  const double rescale = static_cast<double>(scale_of(input)) / static_cast<double>(quantize.scale);
  const mote_multiplier multiplier = rescale_multiplier(rescale, lowering);
  const mote_quantize_s8_s8_params params = {.batch = rows.images,
                                             .row_elements = rows.row_elements,
                                             .input_zero_point = zero_point_of(input),
                                             .output_zero_point = quantize.zero_point,
                                             .multiplier = multiplier.multiplier,
                                             .shift = multiplier.shift,
                                             .rounding = lowering.rounding};
  lowering.call(kernel_name(lowering), params, unary_operands(lowering));
}

void lower(const Op& op, Lowering& lowering) {
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  const TensorType& input = lowering.input_type(0);
  const Rows rows = rows_of(input.shape);
  if (input.dtype == DType::float32) {
    const mote_quantize_f32_s8_params params = {.batch = rows.images,
                                                .row_elements = rows.row_elements,
                                                .scale = quantize.scale,
                                                .zero_point = quantize.zero_point};
    lowering.call(kernel_name(lowering), params, unary_operands(lowering));
  } else {
    lower_integer(lowering, quantize, rows);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Quantize>() {
  static const OpDef def = {
      .name = "Quantize",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = same_channels,
      // It is the border of integers already; what it reads stays as it is.
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.stays_float = true, .inputs = {{}}};
      },
      .in_place_inputs = {0},
      .lower = lower,
      .mappings = {{Format::tflite, quantize_tflite()}},
  };
  return def;
}

}  // namespace mote
