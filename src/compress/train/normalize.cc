#include "compress/train/normalize.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "autograd/network.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/rewriter.h"
#include "passes/weighted_layer.h"

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
struct Moments {
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
struct Layer {
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

std::vector<Layer> layers_of(const Graph& graph) {
  std::vector<Layer> layers;
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
  std::erase_if(layers, [&](const Layer& layer) { return layer.node == last; });
  return layers;
}

// Activations become nodes of their own.
void separate(Graph& graph, std::vector<Layer>& layers) {
  passes::Rewriter rewriter(graph);
  for (Layer& layer : layers) {
    Node convolution = rewriter.node(layer.node);
    const ValueId out = convolution.outputs[0];
    layer.raw = out;
    if (layer.activation == Activation::none) continue;
    *op_def(convolution.op).activation(convolution.op) = Activation::none;
    layer.raw = rewriter.add_value(convolution.origin + "/raw", graph.value(out).type);
    convolution.outputs = {layer.raw};
    const std::string name = convolution.origin + "/activation";
    rewriter.replace(layer.node, {*node_of(layer.activation), {layer.raw}, {out}, name});
    rewriter.insert_before(layer.node, std::move(convolution));
  }
  rewriter.finish();
}

std::map<ValueId, Moments> moments_of(const Graph& graph, const std::vector<Layer>& layers,
                                      std::span<const float> inputs, int32_t count) {
  constexpr int32_t kBatch = 64;
  std::set<ValueId> wanted;
  for (const Layer& layer : layers) wanted.insert(layer.raw);
  autograd::Network network(graph);
  std::map<ValueId, Moments> moments;
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

void insert(passes::Rewriter& rewriter, const Layer& layer, const Moments& moments) {
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
      rewriter.add_value(convolution.origin + "/bare", rewriter.graph.value(layer.raw).type);
  convolution.outputs = {bare};
  rewriter.replace(index,
                   {op,
                    {bare, constant("/gamma", gamma, masked), constant("/beta", beta, masked),
                     constant("/mean", mean, false), constant("/variance", variance, false)},
                    {layer.raw},
                    name});
  rewriter.insert_before(index, std::move(convolution));
}

}  // namespace

Graph with_batch_norms(const Graph& given, std::span<const float> inputs, int32_t count) {
  Graph graph = given;
  std::vector<Layer> layers = layers_of(graph);
  separate(graph, layers);
  const std::map<ValueId, Moments> moments = moments_of(graph, layers, inputs, count);
  passes::Rewriter rewriter(graph);
  for (const Layer& layer : layers) insert(rewriter, layer, moments.at(layer.raw));
  rewriter.finish();
  eliminate_dead(graph);  // the biases
  return graph;
}

}  // namespace mote::compress
