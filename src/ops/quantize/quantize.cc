// The definition of Quantize (quantize.h). Tested by quantize_test.cc.
#include "ops/quantize/quantize.h"

#include <fmt/format.h>

#include "ops/op_def.h"
#include "ops/quantize/quantize_kernels.h"
#include "ops/requantization.h"

namespace mote {
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

void check_quantized(const Op& op, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  if (scale_of(output) != quantize.scale || zero_point_of(output) != quantize.zero_point)
    throw Error(ErrorKind::invalid_input,
                fmt::format("quantizes to scale {} and zero point {}, but the output is {}",
                            quantize.scale, quantize.zero_point, to_string(output)));
}

void lower_s8(Lowering& lowering, const ops::Quantize& quantize, const Rows& rows) {
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
  lowering.call("quantize_s8_s8", params, {lowering.input(0), lowering.output()});
}

void lower(const Op& op, Lowering& lowering) {
  const ops::Quantize& quantize = as<ops::Quantize>(op);
  const TensorType& input = lowering.input_type(0);
  const Rows rows = rows_of(input.shape);
  if (quantize.dtype == DType::int8 && input.dtype == DType::float32) {
    const mote_quantize_f32_s8_params params = {.batch = rows.images,
                                                .row_elements = rows.row_elements,
                                                .scale = quantize.scale,
                                                .zero_point = quantize.zero_point};
    lowering.call("quantize_f32_s8", params, {lowering.input(0), lowering.output()});
  } else if (quantize.dtype == DType::int8 && input.dtype == DType::int8) {
    lower_s8(lowering, quantize, rows);
  } else {
    throw lowering.no_kernel();
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Quantize>() {
  static const OpDef def = {
      .name = "Quantize",
      .infer = infer,
      .check_quantized = check_quantized,
      .cost = no_cost,
      // It is the border of integers already; what it reads stays as it is.
      .quantization = [](const Op&, IntegerScheme) -> QuantizationRule {
        return {.stays_float = true, .inputs = {{}}};
      },
      .in_place_inputs = {0},
      .lower = lower,
      .tflite_names = {"QUANTIZE"},
      .import_tflite = import_tflite<ops::Quantize>,
      .export_tflite = export_tflite<ops::Quantize>,
  };
  return def;
}

}  // namespace mote
