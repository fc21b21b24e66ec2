// What the elementwise operators with two operands share: NumPy broadcasting. Tested by the
// operators' own tests (add_test.cc, mul_test.cc, sub_test.cc).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/broadcast.h"

namespace mote {

// The broadcast shape, in the dtype that both operands must have. Throws Error{invalid_input} that
// names both shapes, or both types.
std::vector<TensorType> infer_broadcast(const Op& op, Types inputs);

// Both inputs and the output hold activations.
void check_quantized_pair(const Op& op, Types inputs, Types outputs);

// Two activations make one.
QuantizationRule broadcast_quantization(const Op& op, Scheme scheme);

// Its own channel, or the only one.
Channels broadcast_channels(const Op& op, Types inputs, Types outputs, Edge edge);

// `shape` with dimensions of 1 in front, up to `rank`.
Shape with_rank(const Shape& shape, size_t rank);

// Inputs 0 and 1 and the output, seen as tensors of one rank, at most 4: the operands of such a
// kernel. Where that rank does not do, calls are added that write out what repeats.
std::vector<Operand> broadcast_operands(Lowering& lowering);

// The fields of MOTE_BROADCAST_FIELDS for such operands; the others are zero.
template <class Params>
Params broadcast_params(const std::vector<Operand>& operands) {
  const auto step = [](const Shape& shape, auto&& result) {
    const Extent extent = extent_of(shape);
    result(extent.images == 1 ? 0 : 1, extent.height == 1 ? 0 : 1,
           extent.width == 1 ? 0 : extent.channels, extent.channels == 1 ? 0 : 1);
  };
  Params params = {};
  const Extent extent = extent_of(operands[MOTE_BINARY_OUTPUT].type.shape);
  params.batch = extent.images;
  params.width = extent.width;
  params.channels = extent.channels;
  step(operands[MOTE_BINARY_A].type.shape,
       [&](int32_t image, int32_t row, int32_t width, int32_t channel) {
         params.a_image_step = image;
         params.a_row_step = row;
         params.a_width_step = width;
         params.a_channel_step = channel;
       });
  step(operands[MOTE_BINARY_B].type.shape,
       [&](int32_t image, int32_t row, int32_t width, int32_t channel) {
         params.b_image_step = image;
         params.b_row_step = row;
         params.b_width_step = width;
         params.b_channel_step = channel;
       });
  return params;
}

// Adds the call of <name>_f32, _s8 or _s16, whichever the output asks for, with the fused
// activation's clamp. `set_rescaling` fills what else the integer kernels need.
template <class ParamsF32, class ParamsS8, class SetRescaling>
void lower_broadcast(Lowering& lowering, const std::string& name, Activation activation,
                     const SetRescaling& set_rescaling) {
  const TensorType& output = lowering.output_type();
  const std::vector<Operand> operands = broadcast_operands(lowering);
  const auto call = [&](const std::string& kernel, auto& params, const auto& range) {
    params.activation_min = range.min;
    params.activation_max = range.max;
    lowering.call(kernel, params, operands);
  };
  if (output.dtype == DType::float32) {
    auto params = broadcast_params<ParamsF32>(operands);
    call(name + "_f32", params, activation_range(activation));
  } else {
    const std::string kernel = name + kernel_suffix(lowering);
    auto params = broadcast_params<ParamsS8>(operands);
    set_rescaling(params);
    call(kernel, params, activation_range(activation, output));
  }
}

// The definition of such an operator, whose attributes have an activation.
template <class Attributes>
OpDef broadcast_def(std::string_view name, void (*lower)(const Op&, Lowering&),
                    double (*least_output_scale)(const Op&, const Lowering&), Mapping tflite) {
  return {
      .name = name,
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer_broadcast,
      .check_quantized = check_quantized_pair,
      .cost = no_cost,
      .channels = broadcast_channels,
      .quantization = broadcast_quantization,
      .activation = activation_of<Attributes>,
      .in_place_inputs = {0, 1},
      .least_output_scale = least_output_scale,
      .lower = lower,
      .mappings = {{Format::tflite, std::move(tflite)}},
  };
}

}  // namespace mote
