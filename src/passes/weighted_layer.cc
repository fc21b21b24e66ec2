#include "passes/weighted_layer.h"

#include <algorithm>

#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::passes {
namespace {

constexpr size_t kInput = 0;
constexpr size_t kWeights = 1;
constexpr size_t kBias = 2;

bool has_bias(const Node& node) {
  return node.inputs.size() > kBias && node.inputs[kBias] != kNoValue;
}

bool is_float_constant(const Graph& graph, ValueId id) {
  return graph.value(id).constant() && graph.value(id).type.dtype == DType::float32;
}

int64_t uses(const Graph& graph, ValueId id) {
  int64_t count = std::ranges::count(graph.outputs, id);
  for (const Node& node : graph.nodes) count += std::ranges::count(node.inputs, id);
  return count;
}

void set_constant(Graph& graph, ValueId& id, const std::vector<float>& data) {
  if (uses(graph, id) > 1) {
    const Value shared = graph.value(id);
    id = add_constant(graph, shared.name, shared.type, *shared.data);
  }
  graph.value(id).data = std::make_shared<const Bytes>(to_bytes(std::span(data)));
}

std::vector<TensorType> types_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<TensorType> types;
  for (const ValueId id : ids)
    types.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
  return types;
}

}  // namespace

std::optional<WeightedLayer> weighted_layer(const Graph& graph, const Node& node) {
  if (node.inputs.size() <= kWeights || !is_float_constant(graph, node.inputs[kWeights]))
    return std::nullopt;
  if (has_bias(node) && !is_float_constant(graph, node.inputs[kBias])) return std::nullopt;
  const std::vector<TensorType> inputs = types_of(graph, node.inputs);
  const std::vector<TensorType> outputs = types_of(graph, node.outputs);
  const auto channels = [&](size_t operand) {
    return op_def(node.op).channels(node.op, inputs, outputs, {operand, 0});
  };
  const Channels input = channels(kInput), weights = channels(kWeights);
  if (input.kind != Channels::Kind::grouped || weights.kind != Channels::Kind::weights)
    return std::nullopt;
  const Shape& shape = inputs[kWeights].shape;
  const int32_t from = channel_count(inputs[kInput].shape), to = channel_count(outputs[0].shape);
  // Rows of a dense layer may be other pieces of the input than whole positions.
  const int32_t axis = weights.input_axis;
  if (axis >= 0 && shape[static_cast<size_t>(axis)] % (from / input.groups) != 0)
    return std::nullopt;
  return WeightedLayer{to, from, output_channels(weights, shape),
                       input_channels(weights, shape, input, from, to), input.border};
}

std::vector<float> weights_of(const Graph& graph, const Node& node) {
  return float_data(graph.value(node.inputs[kWeights]));
}

std::vector<float> bias_of(const Graph& graph, const Node& node, const WeightedLayer& layer) {
  if (has_bias(node)) return float_data(graph.value(node.inputs[kBias]));
  return std::vector<float>(static_cast<size_t>(layer.output_channels), 0.0f);
}

void set_weights(Graph& graph, Node& node, const std::vector<float>& weights) {
  set_constant(graph, node.inputs[kWeights], weights);
}

void set_bias(Graph& graph, Node& node, const std::vector<float>& bias) {
  if (has_bias(node)) return set_constant(graph, node.inputs[kBias], bias);
  node.inputs.resize(kBias + 1, kNoValue);
  const auto channels = static_cast<int32_t>(bias.size());
  node.inputs[kBias] = add_constant(graph, node.origin + "/bias", Shape{channels}, bias);
}

bool has_single_use(const Graph& graph, ValueId id) {
  return !is_output(graph, id) && uses(graph, id) == 1;
}

}  // namespace mote::passes
