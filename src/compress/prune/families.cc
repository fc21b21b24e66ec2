#include "compress/prune/families.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "compress/prune/parameters.h"
#include "ir/node.h"
#include "passes/node_channels.h"

namespace mote::compress {
namespace {

using passes::ChannelGroup;
using passes::ChannelOf;

// Whether a node adds constants to what it makes, so that zeros would not stay zeros.
bool brings_constants(const Graph& graph, const Node& node) {
  if (passes::layer_of(passes::NodeChannels(graph, node))) return false;
  return op_def(node.op).trainable_inputs.empty() &&
         std::ranges::any_of(node.inputs, [&](ValueId id) {
           return id != kNoValue && graph.value(id).constant() &&
                  graph.value(id).type.dtype == DType::float32;
         });
}

std::vector<ValueId> values_of(const ChannelGroup& group) {
  std::vector<ValueId> values;
  for (const ChannelOf& member : group.members) values.push_back(member.value);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

void mask(Graph& graph, ValueId id, const std::vector<int32_t>& channels,
          const std::vector<bool>& gone) {
  Value& value = graph.value(id);
  std::vector<float> data = float_data(value);
  Bytes kept = value.mask ? *value.mask : Bytes(data.size(), 1);
  for (size_t k = 0; k < data.size(); k++)
    if (gone[static_cast<size_t>(channels[k])]) data[k] = kept[k] = 0;
  value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
  value.mask = std::make_shared<const Bytes>(std::move(kept));
}

// A candidate and its family's index.
struct Entry {
  const Candidate* candidate;
  size_t family;
};

// The first `count` but for the most important of each family, which round what stays of it up to a
// multiple.
std::vector<Entry> first(const std::vector<Entry>& entries, const std::vector<Family>& families,
                         size_t count, int32_t multiple) {
  std::vector<int32_t> gone(families.size());
  for (size_t i = 0; i < count; i++) gone[entries[i].family]++;
  for (size_t f = 0; f < gone.size(); f++) {
    const auto all = static_cast<int32_t>(families[f].candidates.size());
    const int32_t stays = std::max(1, all - gone[f]);
    gone[f] = std::max(0, all - (stays + multiple - 1) / multiple * multiple);
  }
  std::vector<Entry> result;
  for (size_t i = 0; i < count; i++)
    if (gone[entries[i].family]-- > 0) result.push_back(entries[i]);
  return result;
}

std::vector<const Candidate*> candidates_of(const std::vector<Entry>& entries) {
  std::vector<const Candidate*> result;
  for (const Entry& entry : entries) result.push_back(entry.candidate);
  return result;
}

// What does not count for the goal, such as what does not live at the peak, need not go.
void keep_what_does_not_count(std::vector<Entry>& gone, const std::vector<Family>& families,
                              const ChannelCosts& costs, double wanted) {
  for (size_t f = 0; f < families.size(); f++) {
    std::vector<Entry> without = gone;
    std::erase_if(without, [&](const Entry& entry) { return entry.family == f; });
    if (costs.left(candidates_of(without)) <= wanted) gone = std::move(without);
  }
}

}  // namespace

std::vector<Family> removable_families(const Graph& graph) {
  std::vector<bool> stays(graph.values.size());
  for (const Node& node : graph.nodes)
    if (brings_constants(graph, node)) stays[static_cast<size_t>(node.outputs[0])] = true;
  std::map<std::vector<ValueId>, std::vector<Candidate>> families;
  for (ChannelGroup& group : passes::channel_groups(graph)) {
    const std::vector<ValueId> values = values_of(group);
    const auto is_staying = [&](ValueId id) -> bool { return stays[static_cast<size_t>(id)]; };
    if (!group.removable || std::ranges::any_of(values, is_staying)) continue;
    families[values].push_back({std::move(group), 0});
  }
  if (families.empty())
    throw Error(ErrorKind::unsupported, "no channel can go", graph.name,
                "prune weights or blocks, or leave the step out");
  std::vector<Family> result;
  for (auto& [values, candidates] : families) result.push_back({values, std::move(candidates)});
  return result;
}

ChannelCosts::ChannelCosts(const Graph& graph, const ChannelGoal& goal,
                           const std::vector<Family>& families)
    : graph_(graph), goal_(goal) {
  for (const Family& family : families)
    candidates_ += static_cast<double>(family.candidates.size());
  for (const Node& node : graph.nodes) {
    const passes::NodeChannels channels(graph, node);
    const auto layer = passes::layer_of(channels);
    if (!layer) continue;
    const Cost cost = op_def(node.op).cost(node.op, channels.inputs, channels.outputs);
    const int64_t weights = element_count(layer->weights->type.shape);
    layers_.push_back({node.inputs[0], node.outputs[0], layer->group_inputs > 1,
                       static_cast<double>(cost.macs), static_cast<double>(weights)});
  }
}

double ChannelCosts::left(const std::vector<const Candidate*>& gone) const {
  std::vector<double> kept(graph_.values.size(), 1.0);
  for (const Candidate* candidate : gone)
    for (const ChannelOf& member : candidate->group.members)
      kept[static_cast<size_t>(member.value)] -= 1.0 / count_of(member.value);
  switch (goal_.target) {
    case Target::sparsity:
      return 1 - static_cast<double>(gone.size()) / candidates_;
    case Target::macs:
      return sum(
          kept, [](const Layer& layer) { return layer.macs; }, 0);
    case Target::constants:
      return sum(
          kept, [&](const Layer& layer) { return layer.weights * goal_.weight_bytes; },
          goal_.channel_bytes);
    case Target::ram:
      return peak(kept);
  }
  return 0;
}

double ChannelCosts::count_of(ValueId id) const {
  return channel_count(graph_.value(id).type.shape);
}

template <class Of>
double ChannelCosts::sum(const std::vector<double>& kept, Of&& of, int32_t of_channel) const {
  double total = 0;
  for (const Layer& layer : layers_) {
    const double out = kept[static_cast<size_t>(layer.output)];
    const double in = layer.mixes ? kept[static_cast<size_t>(layer.input)] : 1.0;
    total += of(layer) * in * out + of_channel * out * count_of(layer.output);
  }
  return total;
}

// The most bytes that live at once while the nodes run in their order, each value in memory of
// its own.
double ChannelCosts::peak(const std::vector<double>& kept) const {
  std::vector<size_t> last(graph_.values.size());
  for (size_t i = 0; i < graph_.nodes.size(); i++)
    for (const ValueId id : graph_.nodes[i].inputs)
      if (id != kNoValue) last[static_cast<size_t>(id)] = i;
  const auto bytes = [&](ValueId id) {
    return static_cast<double>(element_count(graph_.value(id).type.shape)) *
           goal_.activation_bytes * kept[static_cast<size_t>(id)];
  };
  double live = 0, most = 0;
  for (const ValueId id : graph_.inputs) live += bytes(id);
  for (size_t i = 0; i < graph_.nodes.size(); i++) {
    for (const ValueId id : graph_.nodes[i].outputs) live += bytes(id);
    most = std::max(most, live);
    std::vector<ValueId> read = graph_.nodes[i].inputs;
    std::ranges::sort(read);
    read.erase(std::unique(read.begin(), read.end()), read.end());
    for (const ValueId id : read)
      if (id != kNoValue && !graph_.value(id).constant() && last[static_cast<size_t>(id)] == i)
        live -= bytes(id);
  }
  return most;
}

std::vector<const Candidate*> choose(const std::vector<Family>& families, const ChannelCosts& costs,
                                     const ChannelGoal& goal, double growth) {
  const double before = costs.left({});
  const double share = goal.target == Target::sparsity ? 1 - goal.value : goal.value;
  const double final = share <= 1 ? share * before : share;
  const double wanted = before - growth * std::max(0.0, before - final);
  std::vector<Entry> entries;
  for (size_t f = 0; f < families.size(); f++)
    for (const Candidate& candidate : families[f].candidates) entries.push_back({&candidate, f});
  std::ranges::stable_sort(entries, {}, [](const Entry& e) { return e.candidate->score; });

  std::vector<Entry> gone;
  for (const int32_t multiple : {4, 2, 1}) {
    const auto without = [&](size_t count) { return first(entries, families, count, multiple); };
    const auto enough = [&](size_t count) {
      return costs.left(candidates_of(without(count))) <= wanted * (1 + 1e-9);
    };
    gone = without(entries.size());
    if (!enough(entries.size())) continue;
    size_t low = 0, high = entries.size();  // what is left falls with their number
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (enough(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    gone = without(low);
    if (goal.target == Target::ram) keep_what_does_not_count(gone, families, costs, wanted);
    return candidates_of(gone);
  }
  throw Error(ErrorKind::usage,
              fmt::format("{:.6g} of {:.6g} {} are left without {} of {} groups of channels, "
                          "{:.6g} were asked for",
                          costs.left(candidates_of(gone)), before, choice_name(goal.target),
                          gone.size(), entries.size(), wanted),
              "prune", "ask for less");
}

void mask_channels(Graph& graph, const std::vector<const Candidate*>& gone) {
  std::vector<std::vector<bool>> channels(graph.values.size());
  for (const Candidate* candidate : gone)
    for (const ChannelOf& member : candidate->group.members) {
      std::vector<bool>& of = channels[static_cast<size_t>(member.value)];
      of.resize(static_cast<size_t>(channel_count(graph.value(member.value).type.shape)));
      of[static_cast<size_t>(member.channel)] = true;
    }
  for (const Node& node : graph.nodes) {
    const std::vector<bool>& of = channels[static_cast<size_t>(node.outputs[0])];
    if (of.empty()) continue;
    for_each_parameter(graph, node, [&](size_t operand, const Channels& relation) {
      const ValueId id = node.inputs[operand];
      mask(graph, id, output_channels(relation, graph.value(id).type.shape), of);
    });
  }
}

}  // namespace mote::compress
