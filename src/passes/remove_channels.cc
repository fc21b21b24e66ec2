#include "passes/remove_channels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "ir/node.h"
#include "passes/node_channels.h"

namespace mote::passes {
namespace {

bool all_kept(const KeptChannels& kept) {
  return std::ranges::find(kept, false) == kept.end();
}

// The elements of `shape`, each of `element_bytes`, without those whose index is gone.
Bytes cut(const Bytes& elements, const Shape& shape, int64_t element_bytes, const Cut& cut) {
  const auto inner = static_cast<std::ptrdiff_t>(
      element_count(Shape(shape.begin() + cut.axis + 1, shape.end())) * element_bytes);
  Bytes result;
  size_t index = 0;
  for (auto at = elements.begin(); at != elements.end(); at += inner) {
    if (cut.kept[index]) result.insert(result.end(), at, at + inner);
    index = (index + 1) % cut.kept.size();
  }
  return result;
}

template <class T>
void cut(std::vector<T>& list, const KeptChannels& kept) {
  size_t next = 0;
  for (size_t i = 0; i < kept.size(); i++)
    if (kept[i]) list[next++] = list[i];
  list.resize(next);
}

// By value: which of its channels stay. Empty for constants.
using KeptOfValues = std::vector<KeptChannels>;

Error broken(const Graph& graph, ChannelOf c, const std::string& why) {
  return {ErrorKind::internal, fmt::format("removes channel {}, {}", c.channel, why),
          fmt::format("value '{}'", graph.value(c.value).name)};
}

KeptOfValues kept_of_values(const Graph& graph, std::span<const ChannelOf> removed) {
  KeptOfValues kept(graph.values.size());
  for (size_t i = 0; i < kept.size(); i++)
    if (!graph.values[i].constant())
      kept[i].assign(static_cast<size_t>(channel_count(graph.values[i].type.shape)), true);
  for (const ChannelOf& c : removed)
    kept.at(static_cast<size_t>(c.value)).at(static_cast<size_t>(c.channel)) = false;
  return kept;
}

void check(const Graph& graph, std::span<const ChannelOf> removed, const KeptOfValues& kept) {
  const auto stays = [&](const ChannelOf& c) {
    return kept[static_cast<size_t>(c.value)][static_cast<size_t>(c.channel)];
  };
  const std::vector<ChannelGroup> groups = channel_groups(graph);
  if (groups.empty()) throw broken(graph, removed[0], "of more than can be told apart");
  for (const ChannelGroup& group : groups) {
    const auto gone = std::ranges::find_if_not(group.members, stays);
    if (gone == group.members.end()) continue;
    if (!group.removable) throw broken(graph, *gone, "which has to stay");
    if (std::ranges::any_of(group.members, stays))
      throw broken(graph, *gone, "but not all that go with it");
  }
  for (const ChannelOf& c : removed)
    if (count_kept(kept[static_cast<size_t>(c.value)]) == 0)
      throw broken(graph, c, "and all others");
}

// What a node's operands become.
class NodeCuts {
 public:
  NodeCuts(const Graph& graph, const Node& node, const KeptOfValues& kept)
      : channels_(graph, node), node_(node), layer_(layer_of(channels_)), kept_(kept) {}

  // Of a constant operand; the dimensions that lose nothing are left out.
  std::vector<Cut> of_constant(size_t operand) const {
    std::vector<Cut> cuts = cuts_of({operand, 0});
    std::erase_if(cuts, [](const Cut& cut) { return all_kept(cut.kept); });
    return cuts;
  }

  void follow(Op& op) const {
    KeptOfNode kept;
    for (const ValueId id : node_.inputs) kept.inputs.push_back(kept_of(id));
    for (const ValueId id : node_.outputs) kept.outputs.push_back(kept_of(id));
    if (std::ranges::all_of(kept.inputs, all_kept) && std::ranges::all_of(kept.outputs, all_kept))
      return;
    if (const auto keep_channels = op_def(op).keep_channels)
      keep_channels(op, channels_.inputs, kept);
  }

 private:
  KeptChannels kept_of(ValueId id) const {
    return id == kNoValue ? KeptChannels{} : kept_[static_cast<size_t>(id)];
  }

  std::vector<Cut> cuts_of(Edge edge) const {
    const Channels channels = channels_.of(edge);
    const KeptChannels& output = kept_[static_cast<size_t>(node_.outputs[edge.output])];
    switch (channels.kind) {
      case Channels::Kind::parameter:
        return {{channels.output_axis, output}};
      case Channels::Kind::weights:
        return {{channels.output_axis, output}, input_cut(channels)};
      case Channels::Kind::moved:  // of an operator that works element by element
        if (channels.step == 0 || channels_.input_count(edge.input) != std::ssize(output))
          return {};
        return {{static_cast<int32_t>(channels_.inputs[edge.input].shape.size()) - 1, output}};
      default:
        return {};  // such outputs stay whole
    }
  }

  // All groups lose the same inputs, or, where each has one, none of it.
  Cut input_cut(const Channels& weights) const {
    const KeptChannels input = kept_of(node_.inputs[0]);
    if (!layer_ || weights.input_axis < 0 || input.empty()) return {};
    const auto group = static_cast<size_t>(layer_->group_inputs);
    if (group == 1 && input.size() > 1) return {};
    Cut cut{weights.input_axis, {}};
    const Shape& shape = layer_->weights->type.shape;
    for (int32_t i = 0; i < shape[static_cast<size_t>(cut.axis)]; i++)
      cut.kept.push_back(input[static_cast<size_t>(i) % group]);
    return cut;
  }

  NodeChannels channels_;
  const Node& node_;
  std::optional<Layer> layer_;
  const KeptOfValues& kept_;
};

// Gives each use of a constant what is left of it for that use.
class Constants {
 public:
  Constants(const Graph& before, Graph& after) : before_(before), after_(after) {
    for (const ValueId id : before.outputs) use(id, {});
  }

  ValueId use(ValueId id, const std::vector<Cut>& cuts) {
    auto& uses = uses_[id];
    for (const auto& [known, result] : uses)
      if (known == cuts) return result;
    uses.emplace_back(cuts, uses.empty() ? id : add_value(after_, before_.value(id).name, {}));
    Value value = before_.value(id);
    for (const Cut& each : cuts) value = cut(std::move(value), each);
    const ValueId result = uses.back().second;
    value.name = after_.value(result).name;
    after_.value(result) = std::move(value);
    return result;
  }

 private:
  const Graph& before_;
  Graph& after_;
  std::map<ValueId, std::vector<std::pair<std::vector<Cut>, ValueId>>> uses_;
};

}  // namespace

TensorType cut(TensorType type, const Cut& kept) {
  type.shape[static_cast<size_t>(kept.axis)] = count_kept(kept.kept);
  if (type.quantization && type.quantization->axis == kept.axis) {
    cut(type.quantization->scale, kept.kept);
    cut(type.quantization->zero_point, kept.kept);
  }
  return type;
}

Value cut(Value constant, const Cut& kept) {
  const Shape& shape = constant.type.shape;
  const auto rest = [&](const Bytes& elements, int64_t element_bytes) {
    return std::make_shared<const Bytes>(cut(elements, shape, element_bytes, kept));
  };
  constant.data = rest(*constant.data, size_of(constant.type.dtype));
  if (constant.mask) constant.mask = rest(*constant.mask, 1);
  constant.type = cut(std::move(constant.type), kept);
  return constant;
}

Graph remove_channels(const Graph& graph, std::span<const ChannelOf> removed) {
  if (removed.empty()) return graph;
  const KeptOfValues kept = kept_of_values(graph, removed);
  check(graph, removed, kept);
  Graph result = graph;
  for (size_t i = 0; i < kept.size(); i++) {
    if (all_kept(kept[i])) continue;
    TensorType& type = result.values[i].type;
    const Cut channels{static_cast<int32_t>(type.shape.size()) - 1, kept[i]};
    type = cut(std::move(type), channels);
  }
  Constants constants(graph, result);
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const NodeCuts cuts(graph, graph.nodes[n], kept);
    for (size_t i = 0; i < graph.nodes[n].inputs.size(); i++)
      if (const ValueId id = graph.nodes[n].inputs[i]; id != kNoValue && graph.value(id).constant())
        result.nodes[n].inputs[i] = constants.use(id, cuts.of_constant(i));
    cuts.follow(result.nodes[n].op);
  }
  return result;
}

}  // namespace mote::passes
