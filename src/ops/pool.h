// What the definitions of AveragePool2D and MaxPool2D share: all but their kernels. The attributes
// of both have window, stride, padding and activation; the parameters of their kernels have the
// same names. Tested by the operators' tests.
#pragma once

#include <string>
#include <utility>

#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/window.h"

namespace mote {

template <class Params, class Pool, class Range>
void call_pool(const std::string& kernel, const Pool& pool, Range range, Lowering& lowering) {
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
  lowering.call(kernel, params, unary_operands(lowering));
}

// Calls the kernel `name`_f32, `name`_s8 or `name`_s16, whichever the output asks for. Throws
// Error{unsupported} on any other type.
template <class RealParams, class IntegerParams, class Pool>
void lower_pool(const std::string& name, const Pool& pool, Lowering& lowering) {
  const TensorType& output = lowering.output_type();
  if (output.dtype == DType::float32)
    call_pool<RealParams>(name + "_f32", pool, activation_range(pool.activation), lowering);
  else
    call_pool<IntegerParams>(name + kernel_suffix(lowering), pool,
                             activation_range(pool.activation, output), lowering);
}

template <class Pool>
TensorType infer_pool_op(const Op& op, Types inputs) {
  const auto& pool = as<Pool>(op);
  return infer_pool(inputs[0], pool.window, pool.stride, pool.padding);
}

inline void check_quantized_pool(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

template <class Pool>
OpDef pool_def(std::string_view name, void (*lower)(const Op&, Lowering&), Mapping tflite) {
  return {
      .name = name,
      .infer = one_output<infer_pool_op<Pool>>,
      .check_quantized = one_output<check_quantized_pool>,
      .cost = no_cost,
      .channels = same_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .activation = activation_of<Pool>,
      .lower = lower,
      .mappings = {{Format::tflite, std::move(tflite)}},
  };
}

}  // namespace mote
