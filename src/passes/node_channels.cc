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
  constexpr size_t kWeights = 1;
  const std::vector<ValueId>& operands = channels.node.inputs;
  if (operands.size() <= kWeights || operands[kWeights] == kNoValue || !channels.constant(kWeights))
    return std::nullopt;
  const Channels input = channels.of({0, 0}), weights = channels.of({kWeights, 0});
  if (input.kind != Channels::Kind::grouped || weights.kind != Channels::Kind::weights)
    return std::nullopt;
  const int32_t from = channels.input_count(0), to = channels.output_count(0);
  const Layer layer{kWeights, weights, input, from, to, from / input.groups, to / input.groups};
  if (weights.input_axis >= 0) {
    const Shape& shape = channels.inputs[kWeights].shape;
    if (shape[static_cast<size_t>(weights.input_axis)] % layer.group_inputs != 0)
      return std::nullopt;
  }
  return layer;
}

}  // namespace mote::passes
