// Zeros are counted, not masks, which no file of another format has.
#include <algorithm>

#include "compress/prune/prune.h"
#include "ir/node.h"
#include "passes/node_channels.h"

namespace mote::compress {
namespace {

// A float's zero has a sign.
int64_t zeros_of(const Value& value) {
  const Value wide = widened(value);
  if (wide.type.dtype == DType::float32) return std::ranges::count(data_as<float>(wide), 0.0f);
  const size_t each = size_of(wide.type.dtype);
  int64_t zeros = 0;
  for (auto at = wide.data->begin(); at != wide.data->end(); at += static_cast<int64_t>(each))
    zeros +=
        std::all_of(at, at + static_cast<int64_t>(each), [](uint8_t byte) { return byte == 0; });
  return zeros;
}

}  // namespace

std::vector<Sparsity> sparsity_by_layer(const Graph& graph) {
  std::vector<Sparsity> layers;
  for (const Node& node : graph.nodes) {
    const auto layer = passes::layer_of(passes::NodeChannels(graph, node));
    if (!layer) continue;
    const Value& weights = *layer->weights;
    layers.push_back({node.origin, element_count(weights.type.shape), zeros_of(weights)});
  }
  return layers;
}

Sparsity sum_of(std::span<const Sparsity> layers) {
  Sparsity sum;
  for (const Sparsity& layer : layers) {
    sum.weights += layer.weights;
    sum.zeros += layer.zeros;
  }
  return sum;
}

Sparsity sparsity_of(const Graph& graph) {
  return sum_of(sparsity_by_layer(graph));
}

}  // namespace mote::compress
