#include "compress/train/normalize.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "autograd/network.h"
#include "compress/quantize/scales.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/rewriter.h"
#include "passes/weighted_layer.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

// The activation as a node of its own; nothing where there is none such.
std::optional<Op> node_of(Activation activation) {
  switch (activation) {
    case Activation::relu:
      return ops::Relu{};
    case Activation::relu6:
      return ops::Relu6{};
    case Activation::none:
    case Activation::relu_n1_to_1:
      break;
  }
  return std::nullopt;
}

// Of what a convolution without bias and activation computes.
struct ChannelMoments {
  std::vector<double> sum, squares;  // by channel
  int64_t count = 0;                 // of positions

  void add(std::span<const float> numbers, size_t channels) {
    sum.resize(channels);
    squares.resize(channels);
    for (size_t i = 0; i < numbers.size(); i++) {
      const double number = numbers[i];
      sum[i % channels] += number;
      squares[i % channels] += number * number;
    }
    count += static_cast<int64_t>(numbers.size() / channels);
  }
  std::vector<float> mean() const {
    std::vector<float> result;
    for (const double s : sum) result.push_back(static_cast<float>(s / static_cast<double>(count)));
    return result;
  }
  std::vector<float> variance() const {
    std::vector<float> result;
    const auto n = static_cast<double>(count);
    for (size_t c = 0; c < sum.size(); c++)
      result.push_back(
          static_cast<float>(std::max(0.0, squares[c] / n - sum[c] / n * (sum[c] / n))));
    return result;
  }
};

// A convolution that gets a BatchNorm.
struct NormalizedLayer {
  int32_t node;
  Activation activation;
  Bytes kept;              // by channel: 0 where all its weights are masked
  ValueId raw = kNoValue;  // what it computes, before its activation
};

Bytes kept_channels(const passes::Layer& layer) {
  const auto channels = static_cast<size_t>(layer.output_channels);
  const auto& mask = layer.weights->mask;
  if (!mask) return Bytes(channels, 1);
  const std::vector<int32_t> output = passes::weight_channels_of(layer).output;
  Bytes kept(channels, 0);
  for (size_t k = 0; k < mask->size(); k++) kept[static_cast<size_t>(output[k])] |= (*mask)[k];
  return kept;
}

std::vector<NormalizedLayer> layers_of(const Graph& graph) {
  std::vector<NormalizedLayer> layers;
  int32_t last = -1;
  for (int32_t index = 0; index < std::ssize(graph.nodes); index++) {
    Node node = graph.nodes[static_cast<size_t>(index)];
    const auto layer = passes::weighted_layer(graph, node);
    if (!layer) continue;
    last = index;
    const auto attribute = op_def(node.op).activation;
    const Activation activation = attribute ? *attribute(node.op) : Activation::none;
    const bool separable = activation == Activation::none || node_of(activation);
    if (!separable || graph.value(node.outputs[0]).type.shape.size() != 4) continue;
    layers.push_back({index, activation, kept_channels(*layer)});
  }
  std::erase_if(layers, [&](const NormalizedLayer& layer) { return layer.node == last; });
  return layers;
}

// What no integer kernel stops at is not quantized.
TensorType plain(const TensorType& type) {
  return {type.dtype, type.shape, {}};
}

// Activations become nodes of their own.
void separate(Graph& graph, std::vector<NormalizedLayer>& layers) {
  passes::Rewriter rewriter(graph);
  for (NormalizedLayer& layer : layers) {
    Node convolution = rewriter.node(layer.node);
    const ValueId out = convolution.outputs[0];
    layer.raw = out;
    if (layer.activation == Activation::none) continue;
    *op_def(convolution.op).activation(convolution.op) = Activation::none;
    layer.raw = rewriter.add_value(convolution.origin + "/raw", plain(graph.value(out).type));
    convolution.outputs = {layer.raw};
    const std::string name = convolution.origin + "/activation";
    rewriter.replace(layer.node, {*node_of(layer.activation), {layer.raw}, {out}, name});
    rewriter.insert_before(layer.node, std::move(convolution));
  }
  rewriter.finish();
}

std::map<ValueId, ChannelMoments> moments_of(const Graph& graph,
                                             const std::vector<NormalizedLayer>& layers,
                                             std::span<const float> inputs, int32_t count) {
  constexpr int32_t kBatch = 64;
  std::set<ValueId> wanted;
  for (const NormalizedLayer& layer : layers) wanted.insert(layer.raw);
  autograd::Network network(graph);
  std::map<ValueId, ChannelMoments> moments;
  const size_t each = inputs.size() / static_cast<size_t>(count);
  for (int32_t begin = 0; begin < count; begin += kBatch) {
    const int32_t batch = std::min(kBatch, count - begin);
    network.observe(
        inputs.subspan(static_cast<size_t>(begin) * each, static_cast<size_t>(batch) * each), batch,
        wanted, [&](ValueId id, std::span<const float> numbers) {
          moments[id].add(numbers, static_cast<size_t>(graph.value(id).type.shape.back()));
        });
  }
  return moments;
}

void insert(passes::Rewriter& rewriter, const NormalizedLayer& layer,
            const ChannelMoments& moments) {
  const int32_t index = rewriter.maker(layer.raw);
  Node convolution = rewriter.node(index);
  const std::string name = convolution.origin + "/batch_norm";
  const ops::BatchNorm op;
  std::vector<float> mean = moments.mean(), gamma, beta = mean;
  const std::vector<float> variance = moments.variance();
  for (const float v : variance) gamma.push_back(std::sqrt(v + op.epsilon));
  if (convolution.inputs.size() > 2 && convolution.inputs[2] != kNoValue) {
    const std::vector<float> bias = float_data(rewriter.graph.value(convolution.inputs[2]));
    for (size_t c = 0; c < bias.size(); c++) mean[c] -= bias[c];
    convolution.inputs[2] = kNoValue;
  }
  const bool masked = std::ranges::count(layer.kept, 0) > 0;
  for (size_t c = 0; c < beta.size(); c++)
    if (layer.kept[c] == 0) gamma[c] = beta[c] = 0.0f;
  const auto constant = [&](const char* suffix, const std::vector<float>& data, bool has_mask) {
    const TensorType type{DType::float32, {static_cast<int32_t>(data.size())}, {}};
    const ValueId id = rewriter.add_constant(name + suffix, type, to_bytes(std::span(data)));
    if (has_mask) rewriter.graph.value(id).mask = std::make_shared<const Bytes>(layer.kept);
    return id;
  };
  const ValueId bare =
      rewriter.add_value(convolution.origin + "/bare", plain(rewriter.graph.value(layer.raw).type));
  convolution.outputs = {bare};
  rewriter.replace(index,
                   {op,
                    {bare, constant("/gamma", gamma, masked), constant("/beta", beta, masked),
                     constant("/mean", mean, false), constant("/variance", variance, false)},
                    {layer.raw},
                    name});
  rewriter.insert_before(index, std::move(convolution));
}

// Weights that are annotated by channel, at their steps: the integers stay, or change their signs,
// and each scale takes the magnitude of its channel's factor. A factor of 0 leaves no weight.
void scale_channels(Value& weights, const std::vector<double>& factors) {
  Quantization& q = *weights.type.quantization;
  const Range range = weight_range(q.bits);
  const std::vector<float> before = q.scale;
  for (size_t c = 0; c < factors.size(); c++)
    if (factors[c] != 0)
      q.scale[c] = static_cast<float>(static_cast<double>(before[c]) * std::abs(factors[c]));
  std::vector<float> numbers = float_data(weights);
  for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t c) {
    const int32_t integer = mote_quantize_f32(numbers[i], before[c], 0, range.min, range.max);
    const int32_t sign = factors[c] > 0 ? 1 : (factors[c] < 0 ? -1 : 0);
    numbers[i] = mote_dequantize_f32(sign * integer, q.scale[c], 0);
  });
  weights.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(numbers)));
}

// The layer that made what the batch norm reads makes what that made.
void absorb(passes::Rewriter& rewriter, int32_t index) {
  const Node batch_norm = rewriter.node(index);
  const int32_t layer = rewriter.maker(batch_norm.inputs[0]);
  if (layer < 0 || !rewriter.has_single_use(batch_norm.inputs[0]) ||
      !passes::weighted_layer(rewriter.graph, rewriter.node(layer)))
    return;
  // A copy where another node reads the weights too.
  passes::set_weights(rewriter, layer, passes::weights_of(rewriter.graph, rewriter.node(layer)));
  Value& weights = rewriter.graph.value(rewriter.node(layer).inputs[1]);
  if (!weights.type.quantization || !weights.type.quantization->per_channel()) return;
  const passes::Affine affine = passes::affine_of(rewriter.graph, batch_norm);
  scale_channels(weights, affine.scale);
  std::vector<float> bias = passes::bias_of(rewriter.graph, rewriter.node(layer));
  for (size_t c = 0; c < bias.size(); c++)
    bias[c] = static_cast<float>(bias[c] * affine.scale[c] + affine.shift[c]);
  passes::set_bias(rewriter, layer, bias);
  rewriter.set_outputs(layer, batch_norm.outputs);
  rewriter.remove(index);
}

}  // namespace

void absorb_batch_norms(Graph& graph) {
  passes::Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++)
    if (std::holds_alternative<ops::BatchNorm>(rewriter.node(index).op)) absorb(rewriter, index);
  rewriter.finish();
  eliminate_dead(graph);
}

Graph with_batch_norms(const Graph& given, std::span<const float> inputs, int32_t count) {
  Graph graph = given;
  std::vector<NormalizedLayer> layers = layers_of(graph);
  separate(graph, layers);
  const std::map<ValueId, ChannelMoments> moments = moments_of(graph, layers, inputs, count);
  passes::Rewriter rewriter(graph);
  for (const NormalizedLayer& layer : layers) insert(rewriter, layer, moments.at(layer.raw));
  rewriter.finish();
  eliminate_dead(graph);  // the biases
  return graph;
}

}  // namespace mote::compress
