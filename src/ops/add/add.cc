// The definition of Add (add.h). Tested by add_test.cc.
#include "ops/add/add.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/add/add_kernels.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "runtime/arithmetic/multiplier.h"

namespace mote {
namespace {

// `shape` with dimensions of 1 in front, up to `rank`.
Shape with_rank(const Shape& shape, size_t rank) {
  Shape result(rank - shape.size(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

TensorType infer(const Op&, Types inputs) {
  const TensorType &a = inputs[0], &b = inputs[1];
  if (a.dtype != b.dtype)
    throw Error(ErrorKind::invalid_input, fmt::format("adds {} to {}", to_string(b), to_string(a)));
  const size_t rank = std::max(a.shape.size(), b.shape.size());
  const Shape left = with_rank(a.shape, rank), right = with_rank(b.shape, rank);
  Shape output(rank);
  for (size_t d = 0; d < rank; d++) {
    if (left[d] != right[d] && left[d] != 1 && right[d] != 1)
      throw Error(ErrorKind::invalid_input, fmt::format("shapes {} and {} do not broadcast",
                                                        to_string(a.shape), to_string(b.shape)));
    output[d] = std::max(left[d], right[d]);
  }
  return {a.dtype, output, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input 0");
  check_activation(inputs[1], "input 1");
  check_activation(output, "output");
}

// An operand under the rank of the output: the same bytes, seen as other rows.
Operand as_rank(Operand operand, size_t rank) {
  operand.type.shape = with_rank(operand.type.shape, rank);
  const Rows rows = rows_of(operand.type.shape);
  operand.row_stride_bytes = static_cast<int32_t>(rows.row_elements * size_of(operand.type.dtype));
  operand.ring_rows = rows.rows;
  return operand;
}

struct Steps {
  int32_t image, row, width, channel;
};

Steps steps_of(const Shape& shape) {
  const Extent extent = extent_of(shape);
  return {extent.images == 1 ? 0 : 1, extent.height == 1 ? 0 : 1,
          extent.width == 1 ? 0 : extent.channels, extent.channels == 1 ? 0 : 1};
}

template <class Params>
Params geometry(const Shape& a, const Shape& b, const Shape& output) {
  const Extent extent = extent_of(output);
  Params params = {};
  params.batch = extent.images;
  params.width = extent.width;
  params.channels = extent.channels;
  const Steps of_a = steps_of(a), of_b = steps_of(b);
  params.a_image_step = of_a.image;
  params.a_row_step = of_a.row;
  params.a_width_step = of_a.width;
  params.a_channel_step = of_a.channel;
  params.b_image_step = of_b.image;
  params.b_row_step = of_b.row;
  params.b_width_step = of_b.width;
  params.b_channel_step = of_b.channel;
  return params;
}

void set_rescaling(mote_add_s8_params& params, const Lowering& lowering) {
  const float a = scale_of(lowering.input_type(0)), b = scale_of(lowering.input_type(1));
  const double shared = 2.0 * static_cast<double>(std::max(a, b));
  const double fixed_point = 1 << MOTE_ADD_S8_LEFT_SHIFT;
  const double rescale =
      shared / (fixed_point * static_cast<double>(scale_of(lowering.output_type())));
  if (!(rescale < 1.0))
    throw Error(ErrorKind::unsupported,
                fmt::format("output scale {} is too small for inputs of scale {} and {}",
                            scale_of(lowering.output_type()), a, b),
                describe(lowering.node));
  const mote_multiplier of_a = mote_quantize_multiplier(static_cast<double>(a) / shared);
  const mote_multiplier of_b = mote_quantize_multiplier(static_cast<double>(b) / shared);
  const mote_multiplier of_output = mote_quantize_multiplier(rescale);
  params.a_zero_point = zero_point_of(lowering.input_type(0));
  params.a_multiplier = of_a.multiplier;
  params.a_shift = of_a.shift;
  params.b_zero_point = zero_point_of(lowering.input_type(1));
  params.b_multiplier = of_b.multiplier;
  params.b_shift = of_b.shift;
  params.output_zero_point = zero_point_of(lowering.output_type());
  params.output_multiplier = of_output.multiplier;
  params.output_shift = of_output.shift;
  params.rounding = lowering.rounding;
}

void lower(const Op& op, Lowering& lowering) {
  const TensorType& output = lowering.output_type();
  const size_t rank = output.shape.size();
  Shape a = with_rank(lowering.input_type(0).shape, rank);
  Shape b = with_rank(lowering.input_type(1).shape, rank);
  if (rank > 4 && a != b)
    throw Error(ErrorKind::unsupported,
                fmt::format("broadcasts {} and {}; ranks up to 4 do", to_string(a), to_string(b)),
                describe(lowering.node));
  const std::vector<Operand> operands = {as_rank(lowering.input(0), rank),
                                         as_rank(lowering.input(1), rank), lowering.output()};
  const Activation activation = as<ops::Add>(op).activation;
  if (output.dtype == DType::float32) {
    auto params = geometry<mote_add_f32_params>(a, b, output.shape);
    const RealRange range = activation_range(activation);
    params.activation_min = range.min;
    params.activation_max = range.max;
    lowering.call("add_f32", params, operands);
  } else if (output.dtype == DType::int8) {
    auto params = geometry<mote_add_s8_params>(a, b, output.shape);
    set_rescaling(params, lowering);
    const Range range = activation_range(activation, output);
    params.activation_min = range.min;
    params.activation_max = range.max;
    lowering.call("add_s8", params, operands);
  } else {
    throw lowering.no_kernel();
  }
}

}  // namespace

template <>
const OpDef& definition<ops::Add>() {
  static const OpDef def = {
      .name = "Add",
      .min_inputs = 2,
      .max_inputs = 2,
      .infer = infer,
      .check_quantized = check_quantized,
      .cost = no_cost,
      .quantization = [](const Op&, IntegerScheme) -> QuantizationRule {
        return {.inputs = {{}, {}}};
      },
      .activation = activation_of<ops::Add>,
      .in_place_inputs = {0, 1},
      .lower = lower,
      .tflite_names = {"ADD"},
      .import_tflite = import_tflite<ops::Add>,
      .export_tflite = export_tflite<ops::Add>,
  };
  return def;
}

}  // namespace mote
