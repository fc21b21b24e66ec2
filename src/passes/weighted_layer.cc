#include "passes/weighted_layer.h"

#include <algorithm>

#include "ir/node.h"

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

// Weight k of [O, H, W, I] belongs to output o = k / (H * W * I); its group reads inputs from
// group * I on.
WeightedLayer conv_layer(const Shape& weights, int32_t groups) {
  const int32_t inputs = weights[3];
  const int32_t per_output = weights[1] * weights[2] * inputs;
  const int32_t group_outputs = weights[0] / groups;
  WeightedLayer layer{weights[0], groups * inputs, {}, {}};
  for (int32_t k = 0; k < weights[0] * per_output; k++) {
    const int32_t output = k / per_output;
    layer.output_of.push_back(output);
    layer.input_of.push_back(output / group_outputs * inputs + k % inputs);
  }
  return layer;
}

WeightedLayer depthwise_layer(const Shape& weights, int32_t channels) {
  const int32_t outputs = weights[3];
  const int32_t multiplier = outputs / channels;
  WeightedLayer layer{outputs, channels, {}, {}};
  for (int32_t k = 0; k < weights[1] * weights[2] * outputs; k++) {
    layer.output_of.push_back(k % outputs);
    layer.input_of.push_back(k % outputs / multiplier);
  }
  return layer;
}

// [O, I] over rows of I elements, which hold one or more positions of the input's channels.
WeightedLayer dense_layer(const Shape& weights, int32_t channels) {
  WeightedLayer layer{weights[0], channels, {}, {}};
  for (int32_t k = 0; k < weights[0] * weights[1]; k++) {
    layer.output_of.push_back(k / weights[1]);
    layer.input_of.push_back(k % weights[1] % channels);
  }
  return layer;
}

}  // namespace

std::optional<WeightedLayer> weighted_layer(const Graph& graph, const Node& node) {
  if (node.inputs.size() <= kWeights || !is_float_constant(graph, node.inputs[kWeights]))
    return std::nullopt;
  if (has_bias(node) && !is_float_constant(graph, node.inputs[kBias])) return std::nullopt;
  const Shape& input = graph.value(node.inputs[kInput]).type.shape;
  const Shape& weights = graph.value(node.inputs[kWeights]).type.shape;
  if (const auto* conv = std::get_if<ops::Conv2D>(&node.op))
    return conv_layer(weights, conv->groups);
  if (std::holds_alternative<ops::DepthwiseConv2D>(node.op))
    return depthwise_layer(weights, input.back());
  const bool dense = std::holds_alternative<ops::FullyConnected>(node.op);
  if (dense && !input.empty() && weights[1] % input.back() == 0)
    return dense_layer(weights, input.back());
  return std::nullopt;
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
