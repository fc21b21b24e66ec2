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

void scale_weights(Rewriter& rewriter, int32_t index, const std::vector<float>& scale) {
  const Layer layer = *weighted_layer(rewriter.graph, rewriter.node(index));
  const std::vector<int32_t> input = weight_channels_of(layer).input;
  std::vector<float> weights = weights_of(rewriter.graph, rewriter.node(index));
  for (size_t k = 0; k < weights.size(); k++)
    weights[k] *= scale.size() == 1 ? scale[0] : scale[static_cast<size_t>(input[k])];
  set_weights(rewriter, index, weights);
}

bool fold(Rewriter& rewriter, ValueId input, Preprocessing& preprocessing) {
  if (!only_scales(preprocessing) || rewriter.is_output(input) ||
      rewriter.graph.value(input).type.dtype != DType::float32)
    return false;
  const std::vector<int32_t> readers = rewriter.readers(input);
  for (const int32_t reader : readers)
    if (!takes(rewriter.graph, rewriter.node(reader), input, preprocessing.scale.size()))
      return false;
  for (const int32_t reader : readers) scale_weights(rewriter, reader, preprocessing.scale);
  preprocessing = {};
  return true;
}

}  // namespace

bool fold_preprocessing(Graph& graph) {
  Rewriter rewriter(graph);
  bool changed = false;
  for (size_t i = 0; i < graph.preprocessing.size(); i++)
    changed |= fold(rewriter, graph.inputs[i], graph.preprocessing[i]);
  rewriter.finish();
  return changed;
}

}  // namespace mote::passes
