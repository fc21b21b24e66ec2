#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "ir/node.h"
#include "ops/requantization.h"
#include "passes/channel_groups.h"
#include "passes/channel_ranges.h"
#include "passes/node_channels.h"
#include "passes/passes.h"
#include "passes/remove_channels.h"
#include "passes/rewriter.h"

namespace mote::passes {
namespace {

constexpr size_t kBias = 2;

// How one output of a node depends on one of its activations.
struct Read {
  ValueId value;
  int32_t channels;  // of the value
  Channels rule;
  std::vector<bool> done = {};  // by group, where all of one are read at once
};

// A layer of which is known what it reads: a weight of 0 reads nothing, nor does any weight a
// channel that stands for 0 everywhere; and the bias can take what one makes of a channel that is
// another number everywhere, unless the border shows through.
struct KnownLayer {
  int32_t group_inputs;
  int32_t group_outputs;
  std::vector<bool> reads;  // by output channel, by input channel of its group
};

std::vector<double> real_weights_of(const Layer& layer) {
  if (layer.weights->type.dtype == DType::int8) {
    const std::span<const int8_t> integers = data_as<int8_t>(*layer.weights);
    return {integers.begin(), integers.end()};
  }
  const std::vector<float> reals = float_data(*layer.weights);
  return {reals.begin(), reals.end()};
}

// The number that stands for 0 in a value.
double zero_of(const TensorType& type) {
  return is_integer(type) ? zero_point_of(type) : 0.0;
}

// What the layer makes of an input channel that always is `number`, times one weight.
double taken(double number, double weight, const TensorType& type) {
  return weight * (number - zero_of(type));
}

class NodeReads {
 public:
  NodeReads(const NodeChannels& channels, const ChannelRanges& ranges, bool is_known) {
    for (size_t o = 0; o < channels.node.outputs.size(); o++) {
      outputs_.push_back({channels.output_count(o), {}});
      for (size_t i = 0; i < channels.node.inputs.size(); i++)
        if (const ValueId id = channels.node.inputs[i]; id != kNoValue && !channels.constant(i))
          outputs_[o].reads.push_back({id, channels.input_count(i), rule_of(channels, {i, o}), {}});
    }
    const std::optional<Layer> layer = layer_of(channels);
    if (layer && is_known && !channels.constant(0)) know(channels, *layer, ranges);
  }

  // Calls `found(value, channel)` for what the channel of the output needs and was not found
  // before.
  template <class Found>
  void visit(size_t output, int32_t channel, const Found& found) {
    for (Read& read : outputs_[output].reads)
      if (layer_)
        visit_layer(read, channel, found);
      else
        visit(read, channel, outputs_[output].channels, found);
  }

 private:
  struct Output {
    int32_t channels;
    std::vector<Read> reads;
  };

  // Float inputs of int8 weights are quantized by the largest of all channels.
  static Channels rule_of(const NodeChannels& channels, Edge edge) {
    const Channels rule = channels.of(edge);
    const bool shares_scale = rule.kind == Channels::Kind::grouped && channels.inputs.size() > 1 &&
                              channels.inputs[0].dtype == DType::float32 &&
                              channels.inputs[1].dtype == DType::int8;
    return shares_scale ? grouped_channels(1) : rule;
  }

  void know(const NodeChannels& channels, const Layer& layer, const ChannelRanges& ranges) {
    layer_ = {layer.group_inputs, layer.group_outputs, {}};
    layer_->reads.resize(static_cast<size_t>(layer.output_channels) *
                         static_cast<size_t>(layer.group_inputs));
    const std::vector<double> weights = real_weights_of(layer);
    const WeightChannels of_weights = weight_channels_of(layer);
    for (size_t k = 0; k < weights.size(); k++) {
      const int32_t input = of_weights.input[k];
      const ChannelRange& range = ranges.of(channels.node.inputs[0], input);
      const double zero = zero_of(channels.inputs[0]);
      const bool takes = range.constant() && (range.least == zero || !layer.of_input.border) &&
                         std::isfinite(taken(range.least, weights[k], channels.inputs[0]));
      if (weights[k] != 0.0 && !takes)
        layer_->reads[index(of_weights.output[k], input % layer.group_inputs)] = true;
    }
  }
  size_t index(int32_t output, int32_t group_input) const {
    return static_cast<size_t>(output) * static_cast<size_t>(layer_->group_inputs) +
           static_cast<size_t>(group_input);
  }

  template <class Found>
  void visit_layer(const Read& read, int32_t channel, const Found& found) const {
    const int32_t first = channel / layer_->group_outputs * layer_->group_inputs;
    for (int32_t i = 0; i < layer_->group_inputs; i++)
      if (layer_->reads[index(channel, i)]) found(read.value, first + i);
  }

  template <class Found>
  static void visit(Read& read, int32_t channel, int32_t channels, const Found& found) {
    const Channels& rule = read.rule;
    // Those from `first` to `end`, in steps.
    const auto each = [&](int64_t first, int64_t end, int64_t step) {
      for (int64_t c = first; c < end; c += step) found(read.value, static_cast<int32_t>(c));
    };
    switch (rule.kind) {
      case Channels::Kind::none:
        return;
      case Channels::Kind::moved: {
        const int64_t from = rule.begin + int64_t{rule.step} * channel;
        return from >= 0 && from < read.channels ? each(from, from + 1, 1) : void();
      }
      case Channels::Kind::grouped: {
        const int32_t size = read.channels / rule.groups;
        const int32_t group = channel / (channels / rule.groups);
        if (read.done.empty()) read.done.resize(static_cast<size_t>(rule.groups));
        if (read.done[static_cast<size_t>(group)]) return;
        read.done[static_cast<size_t>(group)] = true;
        return each(int64_t{group} * size, int64_t{group + 1} * size, 1);
      }
      case Channels::Kind::congruent: {
        const int32_t classes = std::gcd(read.channels, channels);
        return each(channel % classes, read.channels, classes);
      }
      case Channels::Kind::weights:
      case Channels::Kind::parameter:
        if (!read.done.empty()) return;
        read.done = {true};
        return each(0, read.channels, 1);
    }
  }

  std::vector<Output> outputs_;
  std::optional<KnownLayer> layer_;
};

// The layers that a run of the pass knows: `floats` is whether those of floats are among them.
bool is_known(const NodeChannels& channels, bool proven, FloatLayers floats) {
  if (proven) return true;
  const std::optional<Layer> layer = layer_of(channels);
  return layer && floats == FloatLayers::with_finite_numbers && has_float_weights(channels, *layer);
}

// Which groups of channels the outputs of the graph depend on. A group is needed as a whole: what
// stays for one member's sake has to be right in all.
class Needs {
 public:
  Needs(const Graph& graph, std::vector<ChannelGroup> groups, const ChannelRanges& ranges,
        FloatLayers floats)
      : graph_(graph), makers_(producers(graph)), groups_(std::move(groups)) {
    for (size_t n = 0; n < graph.nodes.size(); n++) {
      const NodeChannels channels(graph, graph.nodes[n]);
      nodes_.emplace_back(channels, ranges, is_known(channels, ranges.proven[n], floats));
    }
    number_groups();
    for (size_t g = 0; g < groups_.size(); g++)
      if (!groups_[g].removable) need(g);
    spread();
    keep_one_of_each_value();
  }

  bool needed(ChannelOf c) const { return needed_[group_of(c)]; }

  std::vector<ChannelOf> dead() const {
    std::vector<ChannelOf> dead;
    for (size_t g = 0; g < groups_.size(); g++)
      if (!needed_[g])
        dead.insert(dead.end(), groups_[g].members.begin(), groups_[g].members.end());
    return dead;
  }

 private:
  void number_groups() {
    needed_.resize(groups_.size());
    of_value_.resize(graph_.values.size());
    for (size_t g = 0; g < groups_.size(); g++)
      for (const ChannelOf& c : groups_[g].members) {
        std::vector<int32_t>& channels = of_value_[static_cast<size_t>(c.value)];
        channels.resize(std::max(channels.size(), static_cast<size_t>(c.channel) + 1));
        channels[static_cast<size_t>(c.channel)] = static_cast<int32_t>(g);
      }
  }
  size_t group_of(ChannelOf c) const {
    return static_cast<size_t>(
        of_value_[static_cast<size_t>(c.value)][static_cast<size_t>(c.channel)]);
  }

  void need(size_t group) {
    if (needed_[group]) return;
    needed_[group] = true;
    waiting_.push_back(group);
  }

  void spread() {
    while (!waiting_.empty()) {
      const size_t group = waiting_.back();
      waiting_.pop_back();
      for (const ChannelOf& c : groups_[group].members) {
        const int32_t maker = makers_[static_cast<size_t>(c.value)];
        if (maker < 0) continue;
        const std::vector<ValueId>& outputs = graph_.nodes[static_cast<size_t>(maker)].outputs;
        const auto output =
            static_cast<size_t>(std::ranges::find(outputs, c.value) - outputs.begin());
        nodes_[static_cast<size_t>(maker)].visit(output, c.channel,
                                                 [&](ValueId value, int32_t channel) {
                                                   need(group_of({value, channel}));
                                                 });
      }
    }
  }

  void keep_one_of_each_value() {
    for (const std::vector<int32_t>& groups : of_value_) {
      if (groups.empty() ||
          std::ranges::any_of(groups, [&](int32_t g) { return needed_[static_cast<size_t>(g)]; }))
        continue;
      need(static_cast<size_t>(groups.front()));
      spread();
    }
  }

  const Graph& graph_;
  const std::vector<int32_t> makers_;
  const std::vector<ChannelGroup> groups_;
  std::vector<NodeReads> nodes_;
  std::vector<std::vector<int32_t>> of_value_;  // by channel: its group; empty for constants
  std::vector<bool> needed_;
  std::vector<size_t> waiting_;
};

// ---- what the biases take

template <class T>
Bytes sum_of_integers(const Layer& layer, const std::vector<double>& taken) {
  std::vector<T> sums(taken.size());
  for (size_t o = 0; o < sums.size(); o++)
    sums[o] =
        static_cast<T>((layer.bias ? data_as<T>(*layer.bias)[o] : 0) + static_cast<T>(taken[o]));
  return to_bytes(std::span<const T>(sums));
}

Bytes sum_of_reals(const Layer& layer, const std::vector<double>& taken) {
  std::vector<float> sums =
      layer.bias ? float_data(*layer.bias) : std::vector<float>(taken.size(), 0.0f);
  for (size_t o = 0; o < sums.size(); o++) sums[o] = static_cast<float>(sums[o] + taken[o]);
  return to_bytes(std::span<const float>(sums));
}

// int64 where there is none beside int16: with 32 bits the layer would sum up in 32.
TensorType bias_type(const NodeChannels& channels, const Layer& layer) {
  const TensorType& input = channels.inputs[0];
  TensorType type{DType::float32, {layer.output_channels}, {}};
  if (layer.bias) type = layer.bias->type;
  if (!is_integer(input)) type.dtype = DType::float32;
  if (layer.bias || !is_integer(input)) return type;
  type.dtype = input.dtype == DType::int16 ? DType::int64 : DType::int32;
  type.quantization = layer.weights->type.quantization;
  if (type.quantization->per_channel()) type.quantization->axis = 0;
  type.quantization->bits = static_cast<int32_t>(8 * size_of(type.dtype));
  for (float& scale : type.quantization->scale) scale *= scale_of(input);
  return type;
}

// What the bias takes over from the channels that go, by output channel. The sums that `lower`
// proves to stay within their bits have each of these products among their bounds: no partial sum
// is larger, and what is proven of them stays proven.
std::vector<double> taken_over(const NodeChannels& channels, const Layer& layer,
                               const ChannelRanges& ranges, const Needs& needs) {
  std::vector<double> result(static_cast<size_t>(layer.output_channels));
  const std::vector<double> weights = real_weights_of(layer);
  const WeightChannels of_weights = weight_channels_of(layer);
  const ValueId input = channels.node.inputs[0], output = channels.node.outputs[0];
  for (size_t k = 0; k < weights.size(); k++)
    if (weights[k] != 0.0 && !needs.needed({input, of_weights.input[k]}) &&
        needs.needed({output, of_weights.output[k]}))
      result[static_cast<size_t>(of_weights.output[k])] +=
          taken(ranges.of(input, of_weights.input[k]).least, weights[k], channels.inputs[0]);
  return result;
}

void set_bias(Rewriter& rewriter, int32_t index, const TensorType& type, Bytes data) {
  const Node& node = rewriter.node(index);
  const bool present = node.inputs.size() > kBias && node.inputs[kBias] != kNoValue;
  const std::string name =
      present ? rewriter.graph.value(node.inputs[kBias]).name : node.origin + "/bias";
  if (present && rewriter.has_single_use(node.inputs[kBias])) {
    Value& bias = rewriter.graph.value(node.inputs[kBias]);
    bias = {name, type, std::make_shared<const Bytes>(std::move(data))};
    return;
  }
  rewriter.set_input(index, kBias, rewriter.add_constant(name, type, std::move(data)));
}

void take_over(Rewriter& rewriter, int32_t index, const ChannelRanges& ranges, const Needs& needs) {
  const NodeChannels channels(rewriter.graph, rewriter.node(index));
  const std::optional<Layer> layer = layer_of(channels);
  if (!layer || channels.constant(0)) return;
  const std::vector<double> taken = taken_over(channels, *layer, ranges, needs);
  if (std::ranges::all_of(taken, [](double sum) { return sum == 0.0; })) return;
  const TensorType type = bias_type(channels, *layer);
  Bytes data = type.dtype == DType::int32   ? sum_of_integers<int32_t>(*layer, taken)
               : type.dtype == DType::int64 ? sum_of_integers<int64_t>(*layer, taken)
                                            : sum_of_reals(*layer, taken);
  set_bias(rewriter, index, type, std::move(data));
}

bool step(Graph& graph, FloatLayers floats) {
  std::vector<ChannelGroup> groups = channel_groups(graph);
  if (std::ranges::none_of(groups, &ChannelGroup::removable)) return false;
  const ChannelRanges ranges = channel_ranges(graph, floats);
  const Needs needs(graph, std::move(groups), ranges, floats);
  const std::vector<ChannelOf> dead = needs.dead();
  if (dead.empty()) return false;
  Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++)
    take_over(rewriter, index, ranges, needs);
  rewriter.finish();
  graph = remove_channels(graph, dead);
  return true;
}

bool eliminate(Graph& graph, FloatLayers floats) {
  if (!step(graph, floats)) return false;
  while (step(graph, floats)) continue;
  eliminate_identity(graph);  // such as a Pad of channels that are gone
  return true;
}

}  // namespace

bool eliminate_dead_channels(Graph& graph) {
  return eliminate(graph, FloatLayers::as_they_are);
}

bool eliminate_dead_float_channels(Graph& graph) {
  return eliminate(graph, FloatLayers::with_finite_numbers);
}

}  // namespace mote::passes
