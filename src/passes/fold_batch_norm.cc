#include <algorithm>
#include <cmath>

#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/passes.h"
#include "passes/weighted_layer.h"

namespace mote::passes {
namespace {

// What a BatchNorm is at inference: out = scale[c] * in + shift[c].
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};

bool is_batch_norm(const Graph& graph, const Node& node) {
  return std::holds_alternative<ops::BatchNorm>(node.op) &&
         std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                     [&](ValueId id) { return graph.value(id).constant(); });
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

std::vector<float> to_float(const std::vector<double>& numbers) {
  return {numbers.begin(), numbers.end()};
}

bool has_activation(Node& node) {
  const auto attribute = op_def(node.op).activation;
  return attribute && *attribute(node.op) != Activation::none;
}

// Into the layer before: each output channel has its factor.
bool fold_back(Graph& graph, Node& before, const Node& batch_norm, const Affine& affine) {
  const auto layer = weighted_layer(graph, before);
  if (!layer || has_activation(before) || !has_single_use(graph, batch_norm.inputs[0]))
    return false;
  std::vector<float> weights = weights_of(graph, before);
  std::vector<float> bias = bias_of(graph, before, *layer);
  for (size_t k = 0; k < weights.size(); k++)
    weights[k] =
        static_cast<float>(weights[k] * affine.scale[static_cast<size_t>(layer->output_of[k])]);
  for (size_t c = 0; c < bias.size(); c++)
    bias[c] = static_cast<float>(bias[c] * affine.scale[c] + affine.shift[c]);
  set_weights(graph, before, weights);
  set_bias(graph, before, bias);
  before.outputs = batch_norm.outputs;
  return true;
}

// Into the layer behind: each input channel has its factor, and the bias takes the sum of the
// shifts. A layer with a border cannot have it: the border is 0 behind the batch norm, and would be
// `shift` before it.
bool fold_ahead(Graph& graph, const Node& batch_norm, Node& behind, const Affine& affine) {
  const auto layer = weighted_layer(graph, behind);
  if (!layer || behind.inputs[0] != batch_norm.outputs[0] || layer->border ||
      !has_single_use(graph, batch_norm.outputs[0]))
    return false;
  std::vector<float> weights = weights_of(graph, behind);
  const std::vector<float> bias = bias_of(graph, behind, *layer);
  std::vector<double> sums(bias.begin(), bias.end());
  for (size_t k = 0; k < weights.size(); k++) {
    const auto input = static_cast<size_t>(layer->input_of[k]);
    sums[static_cast<size_t>(layer->output_of[k])] += weights[k] * affine.shift[input];
    weights[k] = static_cast<float>(weights[k] * affine.scale[input]);
  }
  set_weights(graph, behind, weights);
  set_bias(graph, behind, to_float(sums));
  behind.inputs[0] = batch_norm.inputs[0];
  return true;
}

// [N, ..., C] has the form of images [N * ..., 1, 1, C] where it has not four dimensions.
Shape as_images(const Shape& shape) {
  const auto positions = static_cast<int32_t>(element_count(shape) / shape.back());
  return {positions, 1, 1, shape.back()};
}

// What stands alone becomes a layer of its own. Gives the nodes that replace it.
std::vector<Node> as_depthwise(Graph& graph, const Node& batch_norm, const Affine& affine) {
  const auto channels = static_cast<int32_t>(affine.scale.size());
  const std::string& name = batch_norm.origin;
  const ValueId scale =
      add_constant(graph, name + "/scale", {1, 1, 1, channels}, to_float(affine.scale));
  const ValueId shift = add_constant(graph, name + "/shift", {channels}, to_float(affine.shift));
  const ValueId in = batch_norm.inputs[0], out = batch_norm.outputs[0];
  const Shape shape = graph.value(in).type.shape;
  if (shape.size() == 4) return {{ops::DepthwiseConv2D{}, {in, scale, shift}, {out}, name}};

  const TensorType images{DType::float32, as_images(shape), {}};
  const ValueId images_in = add_value(graph, name + "/in", images);
  const ValueId images_out = add_value(graph, name + "/out", images);
  return {{ops::Reshape{images.shape}, {in}, {images_in}, name + "/in"},
          {ops::DepthwiseConv2D{}, {images_in, scale, shift}, {images_out}, name},
          {ops::Reshape{shape}, {images_out}, {out}, name + "/out"}};
}

// The nodes that take the place of node `n`.
std::vector<Node> fold(Graph& graph, size_t n) {
  const Node batch_norm = graph.nodes[n];
  const Affine affine = affine_of(graph, batch_norm);
  const int32_t before = producers(graph)[static_cast<size_t>(batch_norm.inputs[0])];
  if (before >= 0 && fold_back(graph, graph.nodes[static_cast<size_t>(before)], batch_norm, affine))
    return {};
  const auto readers = consumers(graph)[static_cast<size_t>(batch_norm.outputs[0])];
  for (int32_t behind : readers)
    if (fold_ahead(graph, batch_norm, graph.nodes[static_cast<size_t>(behind)], affine)) return {};
  return as_depthwise(graph, batch_norm, affine);
}

}  // namespace

bool fold_batch_norm(Graph& graph) {
  bool changed = false;
  for (size_t n = 0; n < graph.nodes.size();) {
    if (!is_batch_norm(graph, graph.nodes[n])) {
      n++;
      continue;
    }
    const std::vector<Node> nodes = fold(graph, n);
    const auto place = graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(n));
    graph.nodes.insert(place, nodes.begin(), nodes.end());
    changed = true;
  }
  return changed;
}

}  // namespace mote::passes
