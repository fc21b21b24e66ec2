// The definition of MaxPool2D (max_pool2d.h). Tested by max_pool2d_test.cc.
#include "ops/max_pool2d/max_pool2d.h"

#include "ops/max_pool2d/max_pool2d_kernels.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/window.h"

namespace mote {
namespace {

TensorType infer(const Op& op, Types inputs) {
  const auto& pool = as<ops::MaxPool2D>(op);
  return infer_pool(inputs[0], pool.window, pool.stride, pool.padding);
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

template <class Params, class Range>
void lower_as(const std::string& kernel, const ops::MaxPool2D& pool, Range range,
              Lowering& lowering) {
  const Shape &input = lowering.input_type(0).shape, &output = lowering.output_type().shape;
  const Params params = {.batch = input[0],
                         .channels = input[3],
                         .input_height = input[1],
                         .input_width = input[2],
                         .output_width = output[2],
                         .window_height = pool.window.height,
                         .window_width = pool.window.width,
                         .stride_height = pool.stride.height,
                         .stride_width = pool.stride.width,
                         .padding_top = pool.padding.top,
                         .padding_left = pool.padding.left,
                         .activation_min = range.min,
                         .activation_max = range.max};
  lowering.call(kernel, params, {lowering.input(0), lowering.output()});
}

void lower(const Op& op, Lowering& lowering) {
  const auto& pool = as<ops::MaxPool2D>(op);
  const TensorType& output = lowering.output_type();
  if (output.dtype == DType::float32) {
    lower_as<mote_max_pool2d_f32_params>("max_pool2d_f32", pool, activation_range(pool.activation),
                                         lowering);
  } else {
    lower_as<mote_max_pool2d_s8_params>("max_pool2d" + kernel_suffix(lowering), pool,
                                        activation_range(pool.activation, output), lowering);
  }
}

}  // namespace

template <>
const OpDef& definition<ops::MaxPool2D>() {
  static const OpDef def = {
      .name = "MaxPool2D",
      .infer = infer,
      .check_quantized = check_quantized,
      .cost = no_cost,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .output = {.kind = OutputRule::Kind::same_as}};
      },
      .activation = activation_of<ops::MaxPool2D>,
      .lower = lower,
      .tflite_names = {"MAX_POOL_2D"},
      .import_tflite = import_tflite<ops::MaxPool2D>,
      .export_tflite = export_tflite<ops::MaxPool2D>,
  };
  return def;
}

}  // namespace mote
