#include <algorithm>

#include "ir/node.h"
#include "passes/passes.h"
#include "passes/weighted_layer.h"

namespace mote::passes {
namespace {

// A bias would not fold through zero padding, and the border of an image is 0, not -bias / scale.
bool only_scales(const Preprocessing& preprocessing) {
  return !preprocessing.identity() &&
         std::ranges::all_of(preprocessing.bias, [](float bias) { return bias == 0.0f; });
}

// Whether the node is a layer that can take one factor per channel of `input`.
bool takes(const Graph& graph, const Node& node, ValueId input, size_t factors) {
  const auto layer = weighted_layer(graph, node);
  return layer && node.inputs[0] == input && std::ranges::count(node.inputs, input) == 1 &&
         (factors == 1 || factors == static_cast<size_t>(layer->input_channels));
}

void scale_weights(Graph& graph, Node& node, const std::vector<float>& scale) {
  const WeightedLayer layer = *weighted_layer(graph, node);
  std::vector<float> weights = weights_of(graph, node);
  for (size_t k = 0; k < weights.size(); k++)
    weights[k] *= scale.size() == 1 ? scale[0] : scale[static_cast<size_t>(layer.input_of[k])];
  set_weights(graph, node, weights);
}

bool fold(Graph& graph, ValueId input, Preprocessing& preprocessing) {
  if (!only_scales(preprocessing) || is_output(graph, input) ||
      graph.value(input).type.dtype != DType::float32)
    return false;
  const std::vector<int32_t> readers = consumers(graph)[static_cast<size_t>(input)];
  for (int32_t reader : readers)
    if (!takes(graph, graph.nodes[static_cast<size_t>(reader)], input, preprocessing.scale.size()))
      return false;
  for (int32_t reader : readers)
    scale_weights(graph, graph.nodes[static_cast<size_t>(reader)], preprocessing.scale);
  preprocessing = {};
  return true;
}

}  // namespace

bool fold_preprocessing(Graph& graph) {
  bool changed = false;
  for (size_t i = 0; i < graph.preprocessing.size(); i++)
    changed |= fold(graph, graph.inputs[i], graph.preprocessing[i]);
  return changed;
}

}  // namespace mote::passes
