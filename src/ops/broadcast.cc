#include "ops/broadcast.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/requantization.h"
#include "ops/view.h"
#include "runtime/broadcast.h"

extern "C" {
#include "ops/strided_slice/strided_slice_kernels.h"
}

namespace mote {

QuantizationRule broadcast_quantization(const Op&, Scheme) {
  return {.inputs = {{}, {}}};
}

Channels broadcast_channels(const Op&, Types inputs, Types, Edge edge) {
  return moved_channels(0, channel_count(inputs[edge.input].shape) == 1 ? 0 : 1);
}

Shape with_rank(const Shape& shape, size_t rank) {
  Shape result(rank - shape.size(), 1);
  result.insert(result.end(), shape.begin(), shape.end());
  return result;
}

std::vector<TensorType> infer_broadcast(const Op&, Types inputs) {
  const TensorType &a = inputs[0], &b = inputs[1];
  if (a.dtype != b.dtype)
    throw Error(ErrorKind::invalid_input,
                fmt::format("operands {} and {}", to_string(a), to_string(b)));
  const size_t rank = std::max(a.shape.size(), b.shape.size());
  const Shape left = with_rank(a.shape, rank), right = with_rank(b.shape, rank);
  Shape output(rank);
  for (size_t d = 0; d < rank; d++) {
    if (left[d] != right[d] && left[d] != 1 && right[d] != 1)
      throw Error(ErrorKind::invalid_input, fmt::format("shapes {} and {} do not broadcast",
                                                        to_string(a.shape), to_string(b.shape)));
    output[d] = std::max(left[d], right[d]);
  }
  return {{a.dtype, output, {}}};
}

void check_quantized_pair(const Op&, Types inputs, Types outputs) {
  check_activation(inputs[0], "input 0");
  check_activation(inputs[1], "input 1");
  check_activation(outputs[0], "output");
}

namespace {

// Which of the operands repeat along each dimension, whose sizes are those of the output.
struct Repeats {
  bool a, b;
  bool operator==(const Repeats&) const = default;
};

// `operand` with the dimension `axis` of 1 repeated `count` times, by a call of its own.
Operand repeated(Lowering& lowering, const Operand& operand, size_t axis, int32_t count) {
  TensorType type = operand.type;
  const auto inner = type.shape.begin() + static_cast<std::ptrdiff_t>(axis);
  const auto images = static_cast<int32_t>(element_count(Shape(type.shape.begin(), inner)));
  const auto elements = static_cast<int32_t>(element_count(Shape(inner, type.shape.end())));
  type.shape[axis] = count;
  const Operand result =
      lowering.intermediate(fmt::format("repeated {}", lowering.calls.size()), type);
  const mote_strided_slice_params params = {
      .batch = images,
      .width = 1,
      .channels = 1,
      .block_bytes = static_cast<int32_t>(elements * size_of(type.dtype)),
      .begin_image = 0,
      .begin_row = 0,
      .begin_bytes = 0,
      .image_step = 1,
      .row_step = 0,  // the same row again and again
      .width_step_bytes = 0,
      .channel_step_bytes = 0};
  lowering.call("strided_slice", params,
                in_places({{MOTE_UNARY_INPUT, viewed(operand, {images, 1, elements})},
                           {MOTE_UNARY_OUTPUT, viewed(result, {images, count, elements})}}));
  return viewed(result, type.shape);
}

// The operands where they repeat along more pieces of the shape than kernels tell apart: written
// out until they do. Only two activations of five dimensions and more, repeated by turns, come
// here.
std::vector<Operand> written_out(Lowering& lowering, std::vector<Operand> operands) {
  const Shape& output = operands[MOTE_BINARY_OUTPUT].type.shape;
  for (const size_t i : {MOTE_BINARY_A, MOTE_BINARY_B})
    for (size_t d = 0; d < output.size(); d++)
      if (operands[i].type.shape[d] != output[d])
        operands[i] = repeated(lowering, operands[i], d, output[d]);
  const Shape flat = {static_cast<int32_t>(element_count(output))};
  for (Operand& operand : operands) operand = viewed(operand, flat);
  return operands;
}

}  // namespace

std::vector<Operand> broadcast_operands(Lowering& lowering) {
  Shape output = lowering.output_type().shape;
  const size_t rank = output.size();
  Shape a = with_rank(lowering.input_type(0).shape, rank);
  Shape b = with_rank(lowering.input_type(1).shape, rank);
  const auto seen_as = [&](const Shape& first, const Shape& second, const Shape& result) {
    return in_places({{MOTE_BINARY_A, viewed(lowering.input(0), first)},
                      {MOTE_BINARY_B, viewed(lowering.input(1), second)},
                      {MOTE_BINARY_OUTPUT, viewed(lowering.output(), result)}});
  };
  if (rank <= 4) return seen_as(a, b, output);

  // Dimensions of 1 mean nothing; of the others, those that repeat alike are one.
  for (size_t d = rank; d-- > 0;)
    if (output[d] == 1)
      for (Shape* shape : {&a, &b, &output})
        shape->erase(shape->begin() + static_cast<std::ptrdiff_t>(d));
  const auto repeats = [&](size_t d) { return Repeats{a[d] != output[d], b[d] != output[d]}; };
  const std::vector<size_t> counts = joined_dimensions(
      output.size(), [&](size_t before, size_t d) { return repeats(before) == repeats(d); });
  const auto operands = seen_as(joined(a, counts), joined(b, counts), joined(output, counts));
  return counts.size() <= 4 ? operands : written_out(lowering, operands);
}

}  // namespace mote
