#include "ops/broadcast.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/requantization.h"
#include "runtime/broadcast.h"

namespace mote {
namespace {

// The same bytes, seen as other rows.
Operand as_rank(Operand operand, size_t rank) {
  operand.type.shape = with_rank(operand.type.shape, rank);
  const Rows rows = rows_of(operand.type.shape);
  operand.row_stride_bytes = static_cast<int32_t>(rows.row_elements * size_of(operand.type.dtype));
  operand.image_rows = rows.rows;
  return operand;
}

}  // namespace

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

std::vector<Operand> broadcast_operands(Lowering& lowering) {
  const size_t rank = lowering.output_type().shape.size();
  const Shape a = with_rank(lowering.input_type(0).shape, rank);
  const Shape b = with_rank(lowering.input_type(1).shape, rank);
  if (rank > 4 && a != b)
    throw Error(ErrorKind::unsupported,
                fmt::format("broadcasts {} and {}; ranks up to 4 do", to_string(a), to_string(b)),
                describe(lowering.node));
  return in_places({{MOTE_BINARY_A, as_rank(lowering.input(0), rank)},
                    {MOTE_BINARY_B, as_rank(lowering.input(1), rank)},
                    {MOTE_BINARY_OUTPUT, lowering.output()}});
}

}  // namespace mote
