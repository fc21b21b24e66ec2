#include "passes/channel_groups.h"

#include <cstdlib>
#include <numeric>

#include "ir/node.h"
#include "passes/node_channels.h"

namespace mote::passes {
namespace {

constexpr int64_t kMostChannels = int64_t{1} << 22;

// Union-find over all channels of all activations, which are numbered value by value.
class Ties {
 public:
  explicit Ties(const Graph& graph) : graph_(graph) {
    int64_t count = 0;
    for (const Value& value : graph.values) {
      first_.push_back(count);
      if (!value.constant()) count += channel_count(value.type.shape);
    }
    too_many_ = count > kMostChannels;
    if (too_many_) return;
    parent_.resize(static_cast<size_t>(count));
    std::iota(parent_.begin(), parent_.end(), 0);
    frozen_.resize(parent_.size());
  }

  bool too_many() const { return too_many_; }

  void tie(ChannelOf a, ChannelOf b) {
    const size_t x = root(index(a)), y = root(index(b));
    parent_[std::max(x, y)] = std::min(x, y);  // the first member is the root
    if (frozen_[x] || frozen_[y]) frozen_[std::min(x, y)] = true;
  }
  // Of constants nothing is removed but what a node's own copy of them loses.
  void freeze(ValueId id) {
    if (id == kNoValue || graph_.value(id).constant()) return;
    for (int32_t c = 0; c < count(id); c++) frozen_[root(index({id, c}))] = true;
  }

  std::vector<ChannelGroup> groups() {
    std::vector<ChannelGroup> result;
    std::vector<size_t> group_of(parent_.size());
    for (ValueId id = 0; id < std::ssize(graph_.values); id++) {
      if (graph_.value(id).constant()) continue;
      if (is_one_group(id)) freeze(id);
      for (int32_t c = 0; c < count(id); c++) {
        const size_t at = index({id, c}), first = root(at);
        if (first == at) {
          group_of[at] = result.size();
          result.push_back({{}, true});
        }
        result[group_of[first]].members.push_back({id, c});
      }
    }
    for (size_t i = 0; i < parent_.size(); i++)
      if (frozen_[root(i)]) result[group_of[root(i)]].removable = false;
    return result;
  }

 private:
  int32_t count(ValueId id) const { return channel_count(graph_.value(id).type.shape); }
  size_t index(ChannelOf c) const {
    return static_cast<size_t>(first_[static_cast<size_t>(c.value)] + c.channel);
  }
  size_t root(size_t index) {
    while (parent_[index] != index) index = parent_[index] = parent_[parent_[index]];
    return index;
  }
  bool is_one_group(ValueId id) {
    for (int32_t c = 1; c < count(id); c++)
      if (root(index({id, c})) != root(index({id, 0}))) return false;
    return true;
  }

  const Graph& graph_;
  std::vector<int64_t> first_;  // by value
  bool too_many_;
  std::vector<size_t> parent_;
  std::vector<bool> frozen_;
};

class NodeTies {
 public:
  NodeTies(const Graph& graph, const Node& node, Ties& ties)
      : channels_(graph, node), node_(node), ties_(ties), layer_(layer_of(channels_)) {}

  void add() {
    for (size_t o = 0; o < node_.outputs.size(); o++)
      for (size_t i = 0; i < node_.inputs.size(); i++)
        if (node_.inputs[i] != kNoValue) add({i, o});
  }

 private:
  void freeze(Edge edge) {
    ties_.freeze(node_.inputs[edge.input]);
    ties_.freeze(node_.outputs[edge.output]);
  }

  void add(Edge edge) {
    const Channels channels = channels_.of(edge);
    const bool constant = channels_.constant(edge.input);
    switch (channels.kind) {
      case Channels::Kind::none:
        return ties_.freeze(node_.inputs[edge.input]);
      case Channels::Kind::moved:
        return constant ? check_constant(edge, channels) : tie_moved(edge, channels);
      case Channels::Kind::grouped:
        return layer_ ? tie_layer(edge) : freeze(edge);
      case Channels::Kind::congruent:
        return constant ? freeze(edge) : tie_congruent(edge);
      case Channels::Kind::weights:
      case Channels::Kind::parameter:
        // Computed weights stay whole, and with them the layer.
        return constant && (layer_ || channels.kind == Channels::Kind::parameter) ? void()
                                                                                  : freeze_node();
    }
  }

  void freeze_node() {
    for (const ValueId id : node_.inputs) ties_.freeze(id);
    for (const ValueId id : node_.outputs) ties_.freeze(id);
  }

  // A constant of one number for all channels, or of one for each, which loses those of the output.
  void check_constant(Edge edge, const Channels& channels) {
    const bool follows = channels.begin == 0 && (channels.step == 0 || channels.step == 1);
    if (!follows) ties_.freeze(node_.outputs[edge.output]);
  }

  void tie_moved(Edge edge, const Channels& channels) {
    const int32_t inputs = channels_.input_count(edge.input);
    if (channels.step == 0 && inputs == 1) return;  // it has one channel whatever the output has
    if (std::abs(channels.step) != 1) return freeze(edge);
    for (int32_t c = 0; c < channels_.output_count(edge.output); c++) {
      const int64_t from = channels.begin + int64_t{channels.step} * c;
      if (from >= 0 && from < inputs) tie(edge, static_cast<int32_t>(from), c);
    }
  }

  void tie_layer(Edge edge) {
    const Layer& layer = *layer_;
    const int32_t groups = layer.of_input.groups;
    if (groups == 1) return;
    const bool depthwise = layer.group_inputs == 1;
    for (int32_t c = 0; c < layer.output_channels; c++)
      if (depthwise)
        tie(edge, c / layer.group_outputs, c);
      else
        tie_alike(node_.outputs[edge.output], c, layer.group_outputs);
    for (int32_t c = 0; c < layer.input_channels && !depthwise; c++)
      tie_alike(node_.inputs[edge.input], c, layer.group_inputs);
  }
  // To the channel in the same place of the first group.
  void tie_alike(ValueId id, int32_t channel, int32_t group_size) {
    ties_.tie({id, channel}, {id, channel % group_size});
  }

  void tie_congruent(Edge edge) {
    const int32_t inputs = channels_.input_count(edge.input);
    const int32_t outputs = channels_.output_count(edge.output);
    const int32_t classes = std::gcd(inputs, outputs);
    for (int32_t c = 0; c < inputs; c++) tie(edge, c, c % classes);
    for (int32_t c = 0; c < outputs; c++) tie(edge, c % classes, c);
  }

  void tie(Edge edge, int32_t from, int32_t to) {
    ties_.tie({node_.inputs[edge.input], from}, {node_.outputs[edge.output], to});
  }

  NodeChannels channels_;
  const Node& node_;
  Ties& ties_;
  std::optional<Layer> layer_;
};

}  // namespace

std::vector<ChannelGroup> channel_groups(const Graph& graph) {
  Ties ties(graph);
  if (ties.too_many()) return {};
  for (const ValueId id : graph.inputs) ties.freeze(id);
  for (const ValueId id : graph.outputs) ties.freeze(id);
  for (const Node& node : graph.nodes) NodeTies(graph, node, ties).add();
  return ties.groups();
}

}  // namespace mote::passes
