// The definition of Relu (relu.h). Tested by relu_test.cc.
#include "ops/relu/relu.h"

#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/relu/relu_kernels.h"
#include "ops/requantization.h"

namespace mote {

Mapping relu_tflite();  // relu_tflite.cc

namespace {

TensorType infer(const Op&, Types inputs) {
  return {inputs[0].dtype, inputs[0].shape, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
}

void lower_integer(Lowering& lowering, const Rows& rows) {
  const TensorType &input = lowering.input_type(0), &output = lowering.output_type();
  // A binary32 quotient, widened: TFLite's derivation, one step off the exact one.
  const float rescale = scale_of(input) / scale_of(output);
  const mote_multiplier multiplier = rescale_multiplier(static_cast<double>(rescale), lowering);
  const Range range = activation_range(Activation::relu, output);
  const mote_relu_s8_params params = {.batch = rows.images,
                                      .row_elements = rows.row_elements,
                                      .input_zero_point = zero_point_of(input),
                                      .output_zero_point = zero_point_of(output),
                                      .multiplier = multiplier.multiplier,
                                      .shift = multiplier.shift,
                                      .rounding = lowering.rounding,
                                      .activation_min = range.min,
                                      .activation_max = range.max};
  lowering.call("relu" + kernel_suffix(lowering), params, unary_operands(lowering));
}

void lower(const Op&, Lowering& lowering) {
  const Rows rows = rows_of(lowering.output_type().shape);
  if (lowering.output_type().dtype == DType::float32) {
    const mote_relu_f32_params params = {.batch = rows.images, .row_elements = rows.row_elements};
    lowering.call("relu_f32", params, unary_operands(lowering));
  } else {
    lower_integer(lowering, rows);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Relu>() {
  static const OpDef def = {
      .name = "Relu",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = same_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule { return {.inputs = {{}}}; },
      .in_place_inputs = {0},
      .least_output_scale =
          [](const Op&, const Lowering& lowering) { return least_rescaled_scale(1.0, lowering); },
      .lower = lower,
      .mappings = {{Format::tflite, relu_tflite()}},
  };
  return def;
}

}  // namespace mote
