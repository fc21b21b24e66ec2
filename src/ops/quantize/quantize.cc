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
  if (quantize.dtype != DType::int8 && quantize.dtype != DType::int16)
    throw Error(ErrorKind::invalid_input,
                fmt::format("quantizes to {}; int8 and int16 do", name_of(quantize.dtype)));
  if (!(quantize.scale > 0.0f))
    throw Error(ErrorKind::invalid_input, fmt::format("scale {}", quantize.scale));
  const auto bits = static_cast<int32_t>(8 * size_of(quantize.dtype));
  return {quantize.dtype, inputs[0].shape, per_tensor(quantize.scale, quantize.zero_point, bits)};
}

// int32, which only Quantize takes, and whose elements fill their type.
void check_wide_input(const TensorType& input) {
  if (zero_point_of(input) != 0)
    throw Error(ErrorKind::invalid_input,
                fmt::format("input: {} has a zero point; int32 has none", to_string(input)));
}

void check_quantized(const Op& op, Types inputs, const TensorType& output) {
  if (inputs[0].dtype == DType::int32)
    check_wide_input(inputs[0]);
  else
    check_activation(inputs[0], "input");
  check_activation(output, "output");
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  if (scale_of(output) != quantize.scale || zero_point_of(output) != quantize.zero_point)
    throw Error(ErrorKind::invalid_input,
                fmt::format("quantizes to scale {} and zero point {}, but the output is {}",
                            quantize.scale, quantize.zero_point, to_string(output)));
}

// The part of the kernel's name that stands for the input; throws where there is no such kernel.
std::string input_name(const Lowering& lowering) {
  const DType output = lowering.output_type().dtype;
  switch (lowering.input_type(0).dtype) {
    case DType::int8:
      return "_s8";
    case DType::int16:
      return "_s16";
    case DType::int32:
      if (output == DType::int16) return "_s32";
      [[fallthrough]];
    default:
      throw lowering.no_kernel();
  }
}

void lower_integer(Lowering& lowering, const ops::Quantize& quantize, const Rows& rows) {
  const TensorType& input = lowering.input_type(0);
  const double rescale = static_cast<double>(scale_of(input)) / static_cast<double>(quantize.scale);
  const std::string name = "quantize" + input_name(lowering) + kernel_suffix(lowering);
  const mote_multiplier multiplier = rescale_multiplier(rescale, lowering);
  const mote_quantize_s8_s8_params params = {.batch = rows.images,
                                             .row_elements = rows.row_elements,
                                             .input_zero_point = zero_point_of(input),
                                             .output_zero_point = quantize.zero_point,
                                             .multiplier = multiplier.multiplier,
                                             .shift = multiplier.shift,
                                             .rounding = lowering.rounding};
  lowering.call(name, params, unary_operands(lowering));
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
    lowering.call("quantize_f32" + kernel_suffix(lowering), params, unary_operands(lowering));
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
