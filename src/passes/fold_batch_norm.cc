#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/passes.h"
#include "passes/weighted_layer.h"

namespace mote::passes {
namespace {

bool is_batch_norm(const Graph& graph, const Node& node) {
  return std::holds_alternative<ops::BatchNorm>(node.op) &&
         std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                     [&](ValueId id) { return graph.value(id).constant(); });
}

std::vector<float> to_float(const std::vector<double>& numbers) {
  return {numbers.begin(), numbers.end()};
}

bool has_activation(Op& op) {
  const auto attribute = op_def(op).activation;
  return attribute && *attribute(op) != Activation::none;
}

// Into the layer before: each output channel has its factor.
bool fold_back(Rewriter& rewriter, int32_t before, const Node& batch_norm, const Affine& affine) {
  const Graph& graph = rewriter.graph;
  const auto layer = weighted_layer(graph, rewriter.node(before));
  if (!layer || has_activation(rewriter.op(before)) ||
      !rewriter.has_single_use(batch_norm.inputs[0]))
    return false;
  std::vector<float> weights = weights_of(graph, rewriter.node(before));
  std::vector<float> bias = bias_of(graph, rewriter.node(before));
  const std::vector<int32_t> output = weight_channels_of(*layer).output;
  for (size_t k = 0; k < weights.size(); k++)
    weights[k] = static_cast<float>(weights[k] * affine.scale[static_cast<size_t>(output[k])]);
  for (size_t c = 0; c < bias.size(); c++)
    bias[c] = static_cast<float>(bias[c] * affine.scale[c] + affine.shift[c]);
  set_weights(rewriter, before, weights);
  set_bias(rewriter, before, bias);
  rewriter.set_outputs(before, batch_norm.outputs);
  return true;
}

// Into the layer behind: each input channel has its factor, and the bias takes the sum of the
// shifts. A layer with a border cannot have it: the border is 0 behind the batch norm, and would be
// `shift` before it.
bool fold_ahead(Rewriter& rewriter, const Node& batch_norm, int32_t behind, const Affine& affine) {
  const Graph& graph = rewriter.graph;
  const auto layer = weighted_layer(graph, rewriter.node(behind));
  if (!layer || rewriter.node(behind).inputs[0] != batch_norm.outputs[0] ||
      layer->of_input.border || !rewriter.has_single_use(batch_norm.outputs[0]))
    return false;
  std::vector<float> weights = weights_of(graph, rewriter.node(behind));
  const std::vector<float> bias = bias_of(graph, rewriter.node(behind));
  const WeightChannels of_weights = weight_channels_of(*layer);
  std::vector<double> sums(bias.begin(), bias.end());
  for (size_t k = 0; k < weights.size(); k++) {
    const auto input = static_cast<size_t>(of_weights.input[k]);
    sums[static_cast<size_t>(of_weights.output[k])] += weights[k] * affine.shift[input];
    weights[k] = static_cast<float>(weights[k] * affine.scale[input]);
  }
  set_weights(rewriter, behind, weights);
  set_bias(rewriter, behind, to_float(sums));
  rewriter.set_input(behind, 0, batch_norm.inputs[0]);
  return true;
}

// [N, ..., C] has the form of images [N * ..., 1, 1, C] where it has not four dimensions.
Shape as_images(const Node& batch_norm, const Shape& shape) {
  const int64_t positions = element_count(shape) / shape.back();
  if (!std::in_range<int32_t>(positions))
    throw Error(ErrorKind::unsupported,
                fmt::format("normalizes {} vectors; up to {} do", positions, INT32_MAX),
                describe(batch_norm));
  return {static_cast<int32_t>(positions), 1, 1, shape.back()};
}

// What stands alone becomes a layer of its own.
void become_depthwise(Rewriter& rewriter, int32_t index, const Affine& affine) {
  const Node batch_norm = rewriter.node(index);
  const auto channels = static_cast<int32_t>(affine.scale.size());
  const std::string& name = batch_norm.origin;
  const auto constant = [&](const char* suffix, Shape shape, const std::vector<double>& numbers) {
    const std::vector<float> data = to_float(numbers);
    return rewriter.add_constant(name + suffix, {DType::float32, std::move(shape), {}},
                                 to_bytes(std::span(data)));
  };
  const ValueId in = batch_norm.inputs[0], out = batch_norm.outputs[0];
  const Shape shape = rewriter.graph.value(in).type.shape;
  const Shape image_shape = shape.size() == 4 ? shape : as_images(batch_norm, shape);
  const ValueId scale = constant("/scale", {1, 1, 1, channels}, affine.scale);
  const ValueId shift = constant("/shift", {channels}, affine.shift);
  if (shape.size() == 4)
    return rewriter.replace(index, {ops::DepthwiseConv2D{}, {in, scale, shift}, {out}, name});

  const TensorType images{DType::float32, image_shape, {}};
  const ValueId images_in = rewriter.add_value(name + "/in", images);
  const ValueId images_out = rewriter.add_value(name + "/out", images);
  rewriter.replace(index, {ops::Reshape{shape}, {images_out}, {out}, name + "/out"});
  rewriter.insert_before(index, {ops::Reshape{image_shape}, {in}, {images_in}, name + "/in"});
  rewriter.insert_before(index,
                         {ops::DepthwiseConv2D{}, {images_in, scale, shift}, {images_out}, name});
}

void fold(Rewriter& rewriter, int32_t index) {
  const Node batch_norm = rewriter.node(index);
  const Affine affine = affine_of(rewriter.graph, batch_norm);
  const int32_t before = rewriter.maker(batch_norm.inputs[0]);
  bool folded = before >= 0 && fold_back(rewriter, before, batch_norm, affine);
  if (!folded)
    for (const int32_t behind : rewriter.readers(batch_norm.outputs[0]))
      folded = folded || fold_ahead(rewriter, batch_norm, behind, affine);
  if (!folded) return become_depthwise(rewriter, index, affine);
  rewriter.remove(index);
}

}  // namespace

bool fold_batch_norm(Graph& graph) {
  Rewriter rewriter(graph);
  const int32_t count = rewriter.node_count();
  for (int32_t index = 0; index < count; index++)
    if (is_batch_norm(graph, rewriter.node(index))) fold(rewriter, index);
  return rewriter.finish();
}

}  // namespace mote::passes
