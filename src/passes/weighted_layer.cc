#include "passes/weighted_layer.h"

#include <cmath>

#include "ir/node.h"

namespace mote::passes {
namespace {

constexpr size_t kWeights = 1;
constexpr size_t kBias = 2;

bool has_bias(const Node& node) {
  return node.inputs.size() > kBias && node.inputs[kBias] != kNoValue;
}

bool is_float_constant(const Graph& graph, ValueId id) {
  return graph.value(id).constant() && graph.value(id).type.dtype == DType::float32;
}

void set_constant(Rewriter& rewriter, int32_t index, size_t position,
                  const std::vector<float>& data) {
  ValueId id = rewriter.node(index).inputs[position];
  if (!rewriter.has_single_use(id)) {
    const Value shared = rewriter.graph.value(id);
    id = rewriter.add_constant(shared.name, shared.type, *shared.data);
    rewriter.graph.value(id).mask = shared.mask;
    rewriter.set_input(index, position, id);
  }
  rewriter.graph.value(id).data = std::make_shared<const Bytes>(to_bytes(std::span(data)));
}

}  // namespace

std::optional<Layer> weighted_layer(const Graph& graph, const Node& node) {
  if (node.inputs.size() <= kWeights || !is_float_constant(graph, node.inputs[kWeights]))
    return std::nullopt;
  if (has_bias(node) && !is_float_constant(graph, node.inputs[kBias])) return std::nullopt;
  return layer_of(NodeChannels(graph, node));
}

std::vector<float> weights_of(const Graph& graph, const Node& node) {
  return float_data(graph.value(node.inputs[kWeights]));
}

std::vector<float> bias_of(const Graph& graph, const Node& node) {
  if (has_bias(node)) return float_data(graph.value(node.inputs[kBias]));
  const int32_t channels = channel_count(graph.value(node.outputs[0]).type.shape);
  return std::vector<float>(static_cast<size_t>(channels), 0.0f);
}

void set_weights(Rewriter& rewriter, int32_t index, const std::vector<float>& weights) {
  set_constant(rewriter, index, kWeights, weights);
}

void set_bias(Rewriter& rewriter, int32_t index, const std::vector<float>& bias) {
  if (has_bias(rewriter.node(index))) return set_constant(rewriter, index, kBias, bias);
  const TensorType type{DType::float32, {static_cast<int32_t>(bias.size())}, {}};
  const std::string name = rewriter.node(index).origin + "/bias";
  rewriter.set_input(index, kBias, rewriter.add_constant(name, type, to_bytes(std::span(bias))));
}

Affine affine_of(const Graph& graph, const Node& node) {
  const std::vector<float> gamma = float_data(graph.value(node.inputs[1]));
  const std::vector<float> beta = float_data(graph.value(node.inputs[2]));
  const std::vector<float> mean = float_data(graph.value(node.inputs[3]));
  const std::vector<float> variance = float_data(graph.value(node.inputs[4]));
  const double epsilon = std::get<ops::BatchNorm>(node.op).epsilon;
  Affine affine;
  for (size_t c = 0; c < gamma.size(); c++) {
    affine.scale.push_back(gamma[c] / std::sqrt(variance[c] + epsilon));
    affine.shift.push_back(beta[c] - mean[c] * affine.scale[c]);
  }
  return affine;
}

}  // namespace mote::passes
