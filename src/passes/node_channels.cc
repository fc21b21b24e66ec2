#include "passes/node_channels.h"

namespace mote::passes {
namespace {

std::vector<TensorType> types_of(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<TensorType> types;
  for (const ValueId id : ids)
    types.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
  return types;
}

}  // namespace

NodeChannels::NodeChannels(const Graph& graph, const Node& node)
    : graph(graph),
      node(node),
      inputs(types_of(graph, node.inputs)),
      outputs(types_of(graph, node.outputs)) {}

std::optional<Layer> layer_of(const NodeChannels& channels) {
  constexpr size_t kWeights = 1, kBias = 2;
  const std::vector<ValueId>& operands = channels.node.inputs;
  if (operands.size() <= kWeights || operands[kWeights] == kNoValue) return std::nullopt;
  const bool has_bias = operands.size() > kBias && operands[kBias] != kNoValue;
  const Channels input = channels.of({0, 0}), weights = channels.of({kWeights, 0});
  if (input.kind != Channels::Kind::grouped || weights.kind != Channels::Kind::weights ||
      !channels.constant(kWeights) || (has_bias && !channels.constant(kBias)))
    return std::nullopt;
  const int32_t from = channels.input_count(0), to = channels.output_count(0);
  const Layer layer{&channels.graph.value(operands[kWeights]),
                    has_bias ? &channels.graph.value(operands[kBias]) : nullptr,
                    weights,
                    input,
                    from,
                    to,
                    from / input.groups,
                    to / input.groups};
  const Shape& shape = layer.weights->type.shape;
  if (weights.input_axis >= 0 &&
      shape[static_cast<size_t>(weights.input_axis)] % layer.group_inputs != 0)
    return std::nullopt;
  return layer;
}

bool has_float_weights(const NodeChannels& channels, const Layer& layer) {
  return channels.inputs[0].dtype == DType::float32 &&
         widened_type(*layer.weights).dtype == DType::float32;
}

WeightChannels weight_channels_of(const Layer& layer) {
  const Shape& shape = layer.weights->type.shape;
  return {input_channels(layer.of_weights, shape, layer.of_input, layer.input_channels,
                         layer.output_channels),
          output_channels(layer.of_weights, shape)};
}

}  // namespace mote::passes
