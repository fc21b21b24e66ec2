// The definition of Reshape (reshape.h). Tested by reshape_test.cc.
#include "ops/reshape/reshape.h"

#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"

namespace mote {

Mapping reshape_tflite();  // reshape_tflite.cc

namespace {

[[noreturn]] void fail(const Shape& from, const Shape& to) {
  throw Error(ErrorKind::invalid_input,
              fmt::format("shape {} cannot become {}", to_string(from), to_string(to)));
}

TensorType infer(const Op& op, Types inputs) {
  const Shape& from = inputs[0].shape;
  const int64_t elements = element_count(from);
  Shape to = as<ops::Reshape>(op).shape;
  int32_t* free = nullptr;
  int64_t known = 1;
  for (int32_t& size : to) {
    if (size == -1 && free == nullptr) {
      free = &size;
      continue;
    }
    if (size < 1) fail(from, as<ops::Reshape>(op).shape);
    known *= size;
    if (known > elements) fail(from, to);  // here, so that the product cannot overflow
  }
  if (free == nullptr ? known != elements : elements % known != 0) fail(from, to);
  if (free != nullptr && !std::in_range<int32_t>(elements / known)) fail(from, to);
  if (free != nullptr) *free = static_cast<int32_t>(elements / known);
  return {inputs[0].dtype, to, {}};
}

void check_quantized(const Op&, Types inputs, const TensorType& output) {
  check_activation(inputs[0], "input");
  check_activation(output, "output");
  check_same_quantization(inputs[0], output);
}

Channels channels(const Op&, Types, Types, Edge) {
  return {.kind = Channels::Kind::congruent};
}

// Where the last dimension is what is left, it still is.
void keep_channels(Op& op, Types, const KeptOfNode& kept) {
  Shape& shape = as<ops::Reshape>(op).shape;
  if (!shape.empty() && shape.back() != -1) shape.back() = count_kept(kept.outputs[0]);
}

}  // namespace

template <>
const OpDef& definition<ops::Reshape>() {
  static const OpDef def = {
      .name = "Reshape",
      .infer = one_output<infer>,
      .check_quantized = one_output<check_quantized>,
      .cost = no_cost,
      .channels = channels,
      .keep_channels = keep_channels,
      .quantization = [](const Op&, Scheme) -> QuantizationRule {
        return {.inputs = {{}}, .outputs = {{.kind = OutputRule::Kind::same_as}}};
      },
      .lower = [](const Op&, Lowering& lowering) { lowering.alias(0, 0); },
      .mappings = {{Format::tflite, reshape_tflite()}},
  };
  return def;
}

}  // namespace mote
