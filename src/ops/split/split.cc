// The definition of Split (split.h). Tested by split_test.cc.
#include "ops/split/split.h"

#include <fmt/format.h>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/split/split_kernels.h"

namespace mote {

Mapping split_tflite();  // split_tflite.cc

namespace {

std::vector<TensorType> infer(const Op& op, Types inputs) {
  const auto& split = as<ops::Split>(op);
  const Shape& input = inputs[0].shape;
  const auto rank = static_cast<int32_t>(input.size());
  int64_t sum = 0;
  bool fits = split.axis >= 0 && split.axis < rank && !split.sizes.empty();
  for (const int32_t size : split.sizes) {
    fits = fits && size >= 1;
    sum += size;
  }
  if (!fits || sum != input[static_cast<size_t>(split.axis)])
    throw Error(ErrorKind::invalid_input,
                fmt::format("splits {} into {} along dimension {}", to_string(input),
                            to_string(split.sizes), split.axis));
  std::vector<TensorType> outputs;
  for (const int32_t size : split.sizes) {
    outputs.push_back({inputs[0].dtype, input, {}});
    outputs.back().shape[static_cast<size_t>(split.axis)] = size;
  }
  return outputs;
}

void check_quantized(const Op&, Types inputs, Types outputs) {
  check_activation(inputs[0], "input");
  for (const TensorType& output : outputs) {
    check_activation(output, "output");
    check_same_quantization(inputs[0], output);
  }
}

// Where an output begins in the split dimension.
int32_t begin_of(const ops::Split& split, size_t output) {
  int32_t begin = 0;
  for (size_t i = 0; i < output; i++) begin += split.sizes[i];
  return begin;
}

bool splits_channels(const ops::Split& split, Types inputs) {
  return split.axis + 1 == static_cast<int32_t>(inputs[0].shape.size());
}

Channels channels(const Op& op, Types inputs, Types, Edge edge) {
  const auto& split = as<ops::Split>(op);
  return moved_channels(splits_channels(split, inputs) ? begin_of(split, edge.output) : 0, 1);
}

// Kernels see images of rows (rows_of): dimension 0 of at least two counts images, dimension 1 of
// at least three rows, and the others lie within a row.
mote_split_params params_of_output(const ops::Split& split, const Shape& from, const Shape& to,
                                   size_t output, int32_t element_bytes) {
  const auto axis = static_cast<size_t>(split.axis);
  const int32_t begin = begin_of(split, output);
  const Rows input = rows_of(from), rows = rows_of(to);
  mote_split_params params = {.batch = rows.images,
                              .begin_image = 0,
                              .begin_row = 0,
                              .begin_bytes = 0,
                              .blocks = 1,
                              .block_bytes = rows.row_elements * element_bytes,
                              .block_step_bytes = input.row_elements * element_bytes};
  if (axis == 0 && from.size() >= 2) {
    params.begin_image = begin;
  } else if (axis == 1 && from.size() >= 3) {
    params.begin_row = begin;
  } else {
    const auto inner = static_cast<int32_t>(
        element_count(Shape(from.begin() + split.axis + 1, from.end())) * element_bytes);
    params.begin_bytes = begin * inner;
    params.block_bytes = to[axis] * inner;
    params.block_step_bytes = from[axis] * inner;
    params.blocks = rows.row_elements * element_bytes / params.block_bytes;
  }
  return params;
}

void lower(const Op& op, Lowering& lowering) {
  const auto& split = as<ops::Split>(op);
  const TensorType from = lowering.input_type(0);
  if (from.dtype != DType::float32) kernel_suffix(lowering);  // int8, int16, or throws
  const auto bytes = static_cast<int32_t>(size_of(from.dtype));
  for (size_t i = 0; i < split.sizes.size(); i++) {
    const TensorType& to = lowering.output_type(i);
    check_same_quantization(from, to);
    lowering.call("split", params_of_output(split, from.shape, to.shape, i, bytes),
                  {lowering.input(0), lowering.output(i)});
  }
}

void keep_channels(Op& op, Types inputs, const KeptOfNode& kept) {
  auto& split = as<ops::Split>(op);
  if (!splits_channels(split, inputs)) return;
  for (size_t i = 0; i < split.sizes.size(); i++) split.sizes[i] = count_kept(kept.outputs[i]);
}

}  // namespace

template <>
const OpDef& definition<ops::Split>() {
  static const OpDef def = {
      .name = "Split",
      .infer = infer,
      .check_quantized = check_quantized,
      .cost = no_cost,
      .channels = channels,
      .keep_channels = keep_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .lower = lower,
      .mappings = {{Format::tflite, split_tflite()}},
  };
  return def;
}

}  // namespace mote
