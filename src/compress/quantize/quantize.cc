#include "compress/quantize/quantize.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ir/error.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

// Visits the elements of a tensor with the index of the scale that each has.
template <class Visit>
void for_each_channel(const Shape& shape, int32_t axis, Visit&& visit) {
  int64_t inner = 1;
  if (axis >= 0)
    for (size_t d = static_cast<size_t>(axis) + 1; d < shape.size(); d++) inner *= shape[d];
  const int64_t channels = axis >= 0 ? shape[static_cast<size_t>(axis)] : 1;
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; i++)
    visit(static_cast<size_t>(i), axis >= 0 ? static_cast<size_t>(i / inner % channels) : 0);
}

Bytes quantized_weights(const Value& weights, const Quantization& q) {
  const std::span<const float> reals = data_as<float>(weights);
  const Range range = weight_range(q.bits);
  Bytes bytes(reals.size());
  for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t channel) {
    bytes[i] = static_cast<uint8_t>(
        mote_quantize_f32(reals[i], q.scale[channel], 0, range.min, range.max));
  });
  return bytes;
}

// A bias must be far from the ends of int32 in the accumulator's scale, so that the products have
// room: channels with small weights and a large bias get a wider weight scale, as TFLite's
// converter does.
void make_room_for_bias(Quantization& weights, float input_scale, std::span<const float> bias) {
  constexpr double kRoom = 1 << 30;
  for (size_t i = 0; i < bias.size(); i++) {
    float& scale = weights.scale[weights.per_channel() ? i : 0];
    const auto smallest = static_cast<float>(std::abs(bias[i]) / (kRoom * input_scale));
    scale = std::max(scale, smallest);
  }
}

class Quantizer {
 public:
  explicit Quantizer(const Graph& graph) : graph_(graph), consumers_(consumers(graph)) {}

  Graph run() {
    for (ValueId id : graph_.inputs) make_activation_integer(id);
    for (Node& node : graph_.nodes) quantize_node(node);
    eliminate_dead(graph_);
    verify(graph_, Level::quantized);
    return std::move(graph_);
  }

 private:
  void quantize_node(Node& node) {
    const QuantizationRule rule = op_def(node.op).quantization(node.op, IntegerScheme::int8);
    if (rule.stays_float)
      throw Error(ErrorKind::unsupported, "the operator has no int8 form", describe(node));
    for (size_t i = 0; i < node.inputs.size(); i++) {
      if (node.inputs[i] == kNoValue) continue;
      const InputRule& input = rule.inputs.at(std::min(i, rule.inputs.size() - 1));
      switch (input.role) {
        case Role::activation:
          make_activation_integer(node.inputs[i]);
          break;
        case Role::weight:
          quantize_weights(node, i, input.axis);
          break;
        case Role::bias:
          quantize_bias(node, i);
          break;
        case Role::parameter:
          break;
      }
    }
    make_activation_integer(node.outputs.at(0));
  }

  // float32 with a quantization becomes int8, data included.
  void make_activation_integer(ValueId id) {
    Value& value = graph_.value(id);
    if (value.type.dtype != DType::float32) return;
    if (!value.type.quantization)
      throw Error(ErrorKind::internal, "the value was not calibrated",
                  fmt::format("value '{}'", value.name));
    if (value.constant()) {
      const Quantization& q = *value.type.quantization;
      const Range range = integer_range(DType::int8);
      Bytes bytes;
      for (float real : data_as<float>(value))
        bytes.push_back(static_cast<uint8_t>(
            mote_quantize_f32(real, q.scale[0], q.zero_point[0], range.min, range.max)));
      value.data = std::make_shared<const Bytes>(std::move(bytes));
    }
    value.type.dtype = DType::int8;
  }

  // In place, or as a value of its own where another node, which may need other scales, reads it
  // too.
  void replace_constant(Node& node, size_t index, TensorType type, Bytes data) {
    Value& value = graph_.value(node.inputs[index]);
    const bool shared = consumers_[static_cast<size_t>(node.inputs[index])].size() > 1;
    if (shared) {
      node.inputs[index] = add_constant(graph_, value.name, std::move(type), std::move(data));
      return;
    }
    value.type = std::move(type);
    value.data = std::make_shared<const Bytes>(std::move(data));
  }

  void quantize_weights(Node& node, size_t index, int32_t axis) {
    const Value weights = graph_.value(node.inputs[index]);
    if (!weights.constant())
      throw Error(ErrorKind::unsupported, "weights that are computed", describe(node));
    if (weights.type.dtype != DType::float32) return;
    Quantization q =
        weights.type.quantization ? *weights.type.quantization : weight_quantization(weights, axis);
    if (index + 1 < node.inputs.size() && node.inputs[index + 1] != kNoValue) {
      const Value& bias = graph_.value(node.inputs[index + 1]);
      if (bias.constant() && bias.type.dtype == DType::float32)
        make_room_for_bias(q, input_scale(node), data_as<float>(bias));
    }
    replace_constant(node, index, {DType::int8, weights.type.shape, q},
                     quantized_weights(weights, q));
  }

  void quantize_bias(Node& node, size_t index) {
    const Value bias = graph_.value(node.inputs[index]);
    if (!bias.constant())
      throw Error(ErrorKind::unsupported, "a bias that is computed", describe(node));
    if (bias.type.dtype != DType::float32) return;
    const Quantization& weights = graph_.value(node.inputs.at(index - 1)).type.quantization.value();
    Quantization q = weights;
    q.axis = weights.per_channel() ? 0 : -1;
    q.bits = 32;
    for (float& scale : q.scale) scale = input_scale(node) * scale;
    std::vector<int32_t> integers;
    const std::span<const float> reals = data_as<float>(bias);
    for (size_t i = 0; i < reals.size(); i++) {
      const double scale = q.scale[q.per_channel() ? i : 0];
      integers.push_back(static_cast<int32_t>(mote_round_f64(reals[i] / scale, INT32_MAX)));
    }
    replace_constant(node, index, {DType::int32, bias.type.shape, q},
                     to_bytes(std::span<const int32_t>(integers)));
  }

  float input_scale(const Node& node) const {
    return graph_.value(node.inputs.at(0)).type.quantization.value().scale[0];
  }

  Graph graph_;
  const std::vector<std::vector<int32_t>> consumers_;  // by value of the float graph
};

}  // namespace

Quantization weight_quantization(const Value& weights, int32_t axis, int32_t bits) {
  const std::span<const float> reals = data_as<float>(weights);
  const auto channels =
      axis >= 0 ? static_cast<size_t>(weights.type.shape.at(static_cast<size_t>(axis))) : 1;
  std::vector<float> largest(channels, 0.0f);
  for_each_channel(weights.type.shape, axis, [&](size_t i, size_t channel) {
    if (!std::isfinite(reals[i]))
      throw Error(ErrorKind::invalid_input, "a weight is infinite or no number",
                  fmt::format("value '{}'", weights.name));
    largest[channel] = std::max(largest[channel], std::abs(reals[i]));
  });
  const float overall = *std::ranges::max_element(largest);
  std::vector<float> scale;
  for (float magnitude : largest) {
    const float used = magnitude > 0 ? magnitude : overall;
    scale.push_back(used > 0 ? used / static_cast<float>(weight_range(bits).max) : 1.0f);
  }
  if (axis < 0) return per_tensor(scale[0], 0, bits);
  return per_channel(std::move(scale), axis, bits);
}

Graph quantize_int8(const Graph& graph) {
  return Quantizer(graph).run();
}

}  // namespace mote::compress
