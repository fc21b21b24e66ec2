// The definition of Relu6 (relu6.h). Tested by relu6_test.cc.
#include "ops/relu6/relu6.h"

#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/relu6/relu6_kernels.h"
#include "ops/requantization.h"

namespace mote {

Mapping relu6_tflite();  // relu6_tflite.cc

namespace {

TensorType infer(const Op&, Types inputs) {
  return {inputs[0].dtype, inputs[0].shape, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

void lower(const Op&, Lowering& lowering) {
  const TensorType& input = lowering.input_type(0);
  const Rows rows = rows_of(input.shape);
  const std::vector<Operand> operands = unary_operands(lowering);
  if (input.dtype == DType::float32) {
    const mote_relu6_f32_params params = {.batch = rows.images, .row_elements = rows.row_elements};
    lowering.call("relu6_f32", params, operands);
  } else {
    const Range range = activation_range(Activation::relu6, input);
    const mote_relu6_s8_params params = {.batch = rows.images,
                                         .row_elements = rows.row_elements,
                                         .activation_min = range.min,
                                         .activation_max = range.max};
    lowering.call("relu6" + kernel_suffix(lowering), params, operands);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Relu6>() {
  static const OpDef def = {
      .name = "Relu6",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = same_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .in_place_inputs = {0},
      .lower = lower,
      .mappings = {{Format::tflite, relu6_tflite()}},
  };
  return def;
}

}  // namespace mote
