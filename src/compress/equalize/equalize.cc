#include "compress/equalize/equalize.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/node_channels.h"
#include "passes/rewriter.h"
#include "passes/weighted_layer.h"

namespace mote::compress {
namespace {

constexpr std::string_view kBy[] = {"weights", "activations"};
constexpr double kClip = 6;  // of Relu6

Activation activation_of(const Node& node) {
  Op op = node.op;
  const auto attribute = op_def(op).activation;
  return attribute == nullptr ? Activation::none : *attribute(op);
}

bool homogeneous(Activation activation) {
  return activation == Activation::none || activation == Activation::relu;
}

// Whether the operator of one output is the same for a multiple of all it reads.
bool homogeneous(const Node& node) {
  const bool known =
      std::holds_alternative<ops::Add>(node.op) || std::holds_alternative<ops::Sub>(node.op) ||
      std::holds_alternative<ops::Relu>(node.op) ||
      std::holds_alternative<ops::LeakyRelu>(node.op) ||
      std::holds_alternative<ops::MaxPool2D>(node.op) ||
      std::holds_alternative<ops::AveragePool2D>(node.op) ||
      std::holds_alternative<ops::Mean>(node.op) || std::holds_alternative<ops::Reshape>(node.op);
  return known && node.outputs.size() == 1 && homogeneous(activation_of(node));
}

// Whether channel c of the output is made of channel c of each activation that it reads.
bool keeps_channels(const Graph& graph, const Node& node) {
  const passes::NodeChannels channels(graph, node);
  for (size_t i = 0; i < node.inputs.size(); i++) {
    if (node.inputs[i] == kNoValue) continue;
    const Channels of = channels.of({i, 0});
    if (of.kind == Channels::Kind::none) continue;
    if (channels.constant(i) || of.kind != Channels::Kind::moved || of.begin != 0 || of.step != 1 ||
        channels.input_count(i) != channels.output_count(0))
      return false;
  }
  return true;
}

// Two channels that a layer connects, and the largest magnitude of the weights between them.
struct Link {
  size_t output, input;
  double largest;
};

struct EqualizedLayer {
  int32_t node;
  size_t input, output;  // spans
  std::vector<Link> links;
};

std::vector<Link> links_of(const passes::Layer& layer, const std::vector<float>& weights) {
  const passes::WeightChannels of = passes::weight_channels_of(layer);
  std::map<std::pair<int32_t, int32_t>, double> largest;
  for (size_t i = 0; i < weights.size(); i++) {
    double& magnitude = largest[{of.output[i], of.input[i]}];
    magnitude = std::max(magnitude, std::abs(static_cast<double>(weights[i])));
  }
  std::vector<Link> links;
  for (const auto& [pair, magnitude] : largest)
    links.push_back({static_cast<size_t>(pair.first), static_cast<size_t>(pair.second), magnitude});
  return links;
}

// Activations that share the factors of their channels.
struct Span {
  bool free = true;             // whether it may have factors
  bool clipped = false;         // whether a Relu6 makes it
  std::vector<double> factors;  // by channel: 1, times what it was divided by
  std::vector<double> seen;     // by channel: its largest magnitude on the samples
};

class Equalizer {
 public:
  Equalizer(Graph& graph, EqualizeBy by) : graph_(graph), by_(by), roots_(graph.values.size()) {
    std::iota(roots_.begin(), roots_.end(), size_t{0});
    for (const Node& node : graph.nodes)
      if (homogeneous(node) && keeps_channels(graph, node))
        for (const ValueId id : node.inputs)
          if (id != kNoValue && !graph.value(id).constant()) tie(id, node.outputs[0]);
    spans_.resize(graph.values.size());
    for (size_t id = 0; id < spans_.size(); id++) {
      const auto channels = static_cast<size_t>(channel_count(graph.values[id].type.shape));
      spans_[id].factors.assign(channels, 1.0);
      spans_[id].seen.assign(channels, 0.0);
    }
    for (const ValueId id : graph.inputs) span_of(id).free = false;
    for (const ValueId id : graph.outputs) span_of(id).free = false;
    for (size_t i = 0; i < graph.nodes.size(); i++) enter(static_cast<int32_t>(i));
  }

  void see(ValueId id, std::span<const float> numbers) {
    std::vector<double>& seen = span_of(id).seen;
    for (size_t i = 0; i < numbers.size(); i++) {
      double& largest = seen[i % seen.size()];
      largest = std::max(largest, std::abs(static_cast<double>(numbers[i])));
    }
  }

  int32_t run() {
    constexpr int32_t kRounds = 200;
    for (int32_t round = 0; round < kRounds; round++) {
      double change = 0;
      for (size_t root = 0; root < spans_.size(); root++)
        if (roots_[root] == root && spans_[root].free) change = std::max(change, balance(root));
      if (change < 1e-3) break;
    }
    write();
    int32_t changed = 0;
    for (size_t root = 0; root < spans_.size(); root++)
      changed += static_cast<int32_t>(
          std::ranges::count_if(spans_[root].factors, [](double factor) { return factor != 1; }));
    return changed;
  }

 private:
  size_t root_of(ValueId id) {
    auto at = static_cast<size_t>(id);
    while (roots_[at] != at) at = roots_[at] = roots_[roots_[at]];
    return at;
  }
  void tie(ValueId a, ValueId b) {
    const size_t from = root_of(a), to = root_of(b);
    roots_[std::max(from, to)] = std::min(from, to);
  }
  Span& span_of(ValueId id) { return spans_[root_of(id)]; }

  // What a node is to the spans that it reads and makes.
  void enter(int32_t index) {
    const Node& node = graph_.nodes[static_cast<size_t>(index)];
    if (homogeneous(node) && keeps_channels(graph_, node)) return;
    const std::optional<passes::Layer> layer = passes::weighted_layer(graph_, node);
    if (layer) {
      layers_.push_back({index, root_of(node.inputs[0]), root_of(node.outputs[0]),
                         links_of(*layer, passes::weights_of(graph_, node))});
    }
    const Activation activation = activation_of(node);
    if (activation == Activation::relu6) span_of(node.outputs[0]).clipped = true;
    const bool makes = layer && (homogeneous(activation) || activation == Activation::relu6);
    for (const ValueId id : node.outputs) span_of(id).free &= makes;
    for (size_t i = 0; i < node.inputs.size(); i++)
      if (node.inputs[i] != kNoValue && (i > 0 || !layer)) span_of(node.inputs[i]).free = false;
  }

  // The ranges of a span's channels: what makes them, and the weights that read them.
  std::pair<std::vector<double>, std::vector<double>> ranges_of(size_t root) const {
    const Span& span = spans_[root];
    std::vector<double> made(span.factors.size(), 0.0), read = made;
    for (const EqualizedLayer& layer : layers_) {
      if (layer.input != root && layer.output != root) continue;
      const std::vector<double>& in = spans_[layer.input].factors;
      const std::vector<double>& out = spans_[layer.output].factors;
      for (const Link& link : layer.links) {
        const double magnitude = link.largest * in[link.input] / out[link.output];
        if (layer.output == root) made[link.output] = std::max(made[link.output], magnitude);
        if (layer.input == root) read[link.input] = std::max(read[link.input], magnitude);
      }
    }
    if (by_ == EqualizeBy::activations)
      for (size_t c = 0; c < made.size(); c++) made[c] = span.seen[c] / span.factors[c];
    return {made, read};
  }

  // The largest change of a factor, as a share.
  double balance(size_t root) {
    Span& span = spans_[root];
    const auto ranges = ranges_of(root);
    double change = 0;
    for (size_t c = 0; c < span.factors.size(); c++) {
      const double made = ranges.first[c], read = ranges.second[c];
      if (made <= 0 || read <= 0) continue;
      if (span.clipped && span.seen[c] >= kClip) continue;
      double factor = span.factors[c] * std::sqrt(made / read);
      if (span.clipped) factor = std::max(factor, span.seen[c] / kClip);
      change = std::max(change, std::abs(factor / span.factors[c] - 1));
      span.factors[c] = factor;
    }
    return change;
  }

  void write() {
    passes::Rewriter rewriter(graph_);
    for (const EqualizedLayer& each : layers_) {
      const Node& node = rewriter.node(each.node);
      const passes::WeightChannels of =
          passes::weight_channels_of(passes::weighted_layer(graph_, node).value());
      const std::vector<double>& in = spans_[each.input].factors;
      const std::vector<double>& out = spans_[each.output].factors;
      const auto is_one = [](double factor) { return factor == 1; };
      if (std::ranges::all_of(in, is_one) && std::ranges::all_of(out, is_one)) continue;
      std::vector<float> weights = passes::weights_of(graph_, node);
      std::vector<float> bias = passes::bias_of(graph_, node);
      for (size_t i = 0; i < weights.size(); i++)
        weights[i] = static_cast<float>(static_cast<double>(weights[i]) *
                                        in[static_cast<size_t>(of.input[i])] /
                                        out[static_cast<size_t>(of.output[i])]);
      for (size_t o = 0; o < bias.size(); o++)
        bias[o] = static_cast<float>(static_cast<double>(bias[o]) / out[o]);
      passes::set_weights(rewriter, each.node, weights);
      if (std::ranges::any_of(bias, [](float x) { return x != 0; }))
        passes::set_bias(rewriter, each.node, bias);
    }
    rewriter.finish();
  }

  Graph& graph_;
  const EqualizeBy by_;
  std::vector<size_t> roots_;  // by value: another one that shares its factors, or itself
  std::vector<Span> spans_;    // by value; those of roots are read
  std::vector<EqualizedLayer> layers_;
};

}  // namespace

template <>
std::span<const std::string_view> choices<EqualizeBy>() {
  return kBy;
}

int32_t equalize(Graph& graph, EqualizeBy by, const CalibrationSamples& samples) {
  if (samples.count <= 0)
    throw Error(ErrorKind::usage, "`equalize` looks at samples", graph.name, "give some");
  Equalizer equalizer(graph, by);
  observe_activations(graph, samples,
                      [&](ValueId id, std::span<const float> n) { equalizer.see(id, n); });
  return equalizer.run();
}

}  // namespace mote::compress
