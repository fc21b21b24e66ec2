// The definition of FullyConnected (fully_connected.h). Tested by fully_connected_test.cc.
#include "ops/fully_connected/fully_connected.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/fully_connected/fully_connected_kernels.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/weighted.h"

namespace mote {

Mapping fully_connected_tflite();  // fully_connected_tflite.cc

namespace {

constexpr int32_t kChannelAxis = 0;

TensorType infer(const Op& op, Types inputs) {
  const Shape& input = inputs[0].shape;
  const Shape& weights = inputs[1].shape;
  const bool keep_dims = as<ops::FullyConnected>(op).keep_dims;
  if (input.empty() || weights.size() != 2 || element_count(input) % weights[1] != 0 ||
      (keep_dims && input.back() != weights[1]))
    throw Error(ErrorKind::invalid_input,
                fmt::format("input {} does not consist of vectors for weights {}", to_string(input),
                            to_string(weights)));
  check_weighted_types(inputs, weights[0]);
  const int64_t vectors = element_count(input) / weights[1];
  if (!std::in_range<int32_t>(vectors))
    throw Error(ErrorKind::unsupported,
                fmt::format("input {} has {} vectors; up to {} do", to_string(input), vectors,
                            std::numeric_limits<int32_t>::max()));
  Shape output = {static_cast<int32_t>(vectors), weights[0]};
  if (keep_dims) {
    output = input;
    output.back() = weights[0];
  }
  return {inputs[0].dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_weighted_quantization(inputs, output, kChannelAxis);
}

Cost cost(const Op&, Types inputs, const TensorType& output) {
  return weighted_cost(inputs, output, kChannelAxis);
}

QuantizationRule quantization(const Op&, Scheme) {
  return weighted_quantization(kChannelAxis);
}

// TFLite takes both; with a zero point no code goes unused where all inputs have one sign.
void quantize_inputs_for(Op& op, const TensorType&) {
  as<ops::FullyConnected>(op).asymmetric_inputs = true;
}

// Rows as the output's. Without keep_dims every vector is an image of one row, however the input's
// own rows are cut.
Operand input_vectors(Lowering& lowering, const Rows& output, int32_t row_vectors) {
  Operand input = lowering.input(0);
  const int64_t vector_bytes = lowering.input_type(1).shape[1] * size_of(input.type.dtype);
  input.row_stride_bytes = static_cast<int32_t>(row_vectors * vector_bytes);
  input.image_rows = output.rows;
  return input;
}

WeightedKernel kernel_of(const ops::FullyConnected& dense) {
  return {.name = "fully_connected",
          .channel_axis = kChannelAxis,
          .activation = dense.activation,
          .per_tensor_product = ScaleProduct::binary32,
          .asymmetric_inputs = dense.asymmetric_inputs};
}

void lower(const Op& op, Lowering& lowering) {
  const Shape& weights = lowering.input_type(1).shape;
  const Rows output = rows_of(lowering.output_type().shape);
  const int32_t row_vectors = output.row_elements / weights[0];
  const auto set_geometry = [&](auto& params) {
    params.batch = output.images;
    params.row_vectors = row_vectors;
    params.input_channels = weights[1];
    params.output_channels = weights[0];
  };
  WeightedKernel kernel = kernel_of(as<ops::FullyConnected>(op));
  kernel.input_scales = {output.images, output.rows, row_vectors};
  lower_weighted<mote_fully_connected_f32_params, mote_fully_connected_s8_params,
                 mote_fully_connected_s16_params>(
      lowering, kernel, input_vectors(lowering, output, row_vectors), set_geometry);
}

Channels channels(const Op&, Types, Types, Edge edge) {
  return weighted_channels(edge, grouped_channels(1), weight_channels(kChannelAxis, 1));
}

}  // namespace

template <>
const OpDef& definition<ops::FullyConnected>() {
  static const OpDef def = {
      .name = "FullyConnected",
      .min_inputs = 2,
      .max_inputs = 3,
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = one_output<cost>,
      .channels = channels,
      .quantization = quantization,
      .activation = activation_of<ops::FullyConnected>,
      .quantize_inputs_for = quantize_inputs_for,
      .trainable_inputs = {1, 2},
      .in_place_inputs = {},
      .output_ranges = weighted_ranges_of<ops::FullyConnected, kernel_of>,
      .least_output_scale = least_weighted_scale_of<kChannelAxis>,
      .lower = lower,
      .mappings = {{Format::tflite, fully_connected_tflite()}},
  };
  return def;
}

}  // namespace mote
