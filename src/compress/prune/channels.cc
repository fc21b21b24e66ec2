#include "compress/prune/channels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "autograd/network.h"
#include "base/error.h"
#include "evaluate/inspection.h"
#include "ir/node.h"
#include "passes/channel_groups.h"
#include "passes/node_channels.h"
#include "passes/remove_channels.h"

namespace mote::compress {
namespace {

using passes::ChannelGroup;
using passes::ChannelOf;
using PerChannel = std::vector<std::vector<double>>;  // by value and channel

constexpr std::string_view kTargets[] = {"sparsity", "macs", "constants", "ram"};

// Calls visit(operand, channels) for what training changes of a node, each an element or more of
// every channel of output 0.
template <class Visit>
void for_each_parameter(const Graph& graph, const Node& node, Visit&& visit) {
  const passes::NodeChannels channels(graph, node);
  for (const int32_t operand : op_def(node.op).trainable_inputs) {
    const auto i = static_cast<size_t>(operand);
    if (i >= node.inputs.size() || node.inputs[i] == kNoValue || !channels.constant(i)) continue;
    const Channels of = channels.of({i, 0});
    if (of.kind == Channels::Kind::weights || of.kind == Channels::Kind::parameter) visit(i, of);
  }
}

// Whether a node adds constants to what it makes, so that zeros would not stay zeros.
bool brings_constants(const Graph& graph, const Node& node) {
  if (passes::layer_of(passes::NodeChannels(graph, node))) return false;
  return op_def(node.op).trainable_inputs.empty() &&
         std::ranges::any_of(node.inputs, [&](ValueId id) {
           return id != kNoValue && graph.value(id).constant() &&
                  graph.value(id).type.dtype == DType::float32;
         });
}

// ---- importance

bool counts(const Node& node, size_t operand, Criterion criterion) {
  constexpr size_t kGamma = 1;
  if (criterion != Criterion::batch_norm) return true;
  return std::holds_alternative<ops::BatchNorm>(node.op) && operand == kGamma;
}

PerChannel importance_of(const Graph& graph, Criterion criterion, std::span<const float> squares) {
  PerChannel importance(graph.values.size());
  const autograd::Parameters parameters = autograd::parameters_of(graph);
  for (const Node& node : graph.nodes) {
    std::vector<double>& sums = importance[static_cast<size_t>(node.outputs[0])];
    sums.resize(static_cast<size_t>(channel_count(graph.value(node.outputs[0]).type.shape)));
    for_each_parameter(graph, node, [&](size_t operand, const Channels& of) {
      if (!counts(node, operand, criterion)) return;
      const ValueId id = node.inputs[operand];
      const std::vector<float> data = float_data(graph.value(id));
      const std::vector<int32_t> channels = output_channels(of, graph.value(id).type.shape);
      const auto slot = std::ranges::find(parameters.slots, id, &autograd::Slot::value);
      for (size_t k = 0; k < data.size(); k++) {
        const double weight = data[k];
        const double square = criterion == Criterion::taylor ? squares[slot->offset + k] : 1.0;
        sums[static_cast<size_t>(channels[k])] += weight * weight * square;
      }
    });
  }
  return importance;
}

// ---- candidates

// A group that can go; groups of the same values are a family, a layer's width.
struct Candidate {
  const ChannelGroup* group;
  size_t family;
  double score;
};

struct Families {
  std::vector<Candidate> candidates;  // the least important first
  std::vector<int32_t> sizes;         // by family
};

std::vector<ValueId> values_of(const ChannelGroup& group) {
  std::vector<ValueId> values;
  for (const ChannelOf& member : group.members) values.push_back(member.value);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// A family's scores as shares of those that are not smaller, as LAMP has it for weights, or as
// ranks where no layers are to compete.
void make_comparable(std::vector<Candidate>& family, const PruneOptions& options) {
  std::ranges::stable_sort(family, {}, &Candidate::score);
  if (options.scope == Scope::layer) {
    for (size_t i = 0; i < family.size(); i++)
      family[i].score = static_cast<double>(i) / static_cast<double>(family.size());
  } else if (options.criterion != Criterion::taylor) {
    double rest = 0;
    for (auto it = family.rbegin(); it != family.rend(); ++it) {
      rest += it->score;
      it->score = rest > 0 ? it->score / rest : 0;
    }
  }
}

Families families_of(const Graph& graph, const std::vector<ChannelGroup>& groups,
                     const PruneOptions& options, std::span<const float> squares) {
  const PerChannel importance = importance_of(graph, options.criterion, squares);
  std::vector<bool> stays(graph.values.size());
  for (const Node& node : graph.nodes)
    if (brings_constants(graph, node)) stays[static_cast<size_t>(node.outputs[0])] = true;
  std::map<std::vector<ValueId>, std::vector<Candidate>> families;
  for (const ChannelGroup& group : groups) {
    const std::vector<ValueId> values = values_of(group);
    if (!group.removable || std::ranges::any_of(values, [&](ValueId id) {
          return static_cast<bool>(stays[static_cast<size_t>(id)]);
        }))
      continue;
    double score = 0;
    for (const ChannelOf& member : group.members)
      if (const auto& of = importance[static_cast<size_t>(member.value)]; !of.empty())
        score += of[static_cast<size_t>(member.channel)];
    families[values].push_back({&group, 0, score});
  }
  Families result;
  for (auto& [values, family] : families) {
    make_comparable(family, options);
    for (Candidate& candidate : family) candidate.family = result.sizes.size();
    result.sizes.push_back(static_cast<int32_t>(family.size()));
    result.candidates.insert(result.candidates.end(), family.begin(), family.end());
  }
  std::ranges::stable_sort(result.candidates, {}, &Candidate::score);
  return result;
}

// The first `count` candidates but for the most important of each family, which round what stays of
// it up to a multiple of 4.
std::vector<const Candidate*> chosen(const Families& families, size_t count) {
  constexpr int32_t kMultiple = 4;
  std::vector<int32_t> gone(families.sizes.size());
  for (size_t i = 0; i < count; i++) gone[families.candidates[i].family]++;
  for (size_t f = 0; f < gone.size(); f++) {
    const int32_t stays = std::max(1, families.sizes[f] - gone[f]);
    const int32_t rounded = (stays + kMultiple - 1) / kMultiple * kMultiple;
    gone[f] = std::max(0, families.sizes[f] - rounded);
  }
  std::vector<const Candidate*> result;
  for (size_t i = 0; i < count; i++)
    if (gone[families.candidates[i].family]-- > 0) result.push_back(&families.candidates[i]);
  return result;
}

// ---- what is left

// A graph's cost without some channels.
class Costs {
 public:
  Costs(const Graph& graph, const ChannelGoal& goal, size_t candidates)
      : graph_(graph), goal_(goal), candidates_(static_cast<double>(candidates)) {
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

  double left(std::span<const Candidate* const> gone) const {
    std::vector<double> kept(graph_.values.size(), 1.0);
    for (const Candidate* candidate : gone)
      for (const ChannelOf& member : candidate->group->members)
        kept[static_cast<size_t>(member.value)] -= 1.0 / count_of(member.value);
    switch (goal_.target) {
      case Target::sparsity:
        return 1 - static_cast<double>(gone.size()) / candidates_;
      case Target::macs:
        return sum(
            kept, [](const Layer& layer) { return layer.macs; }, 0);
      case Target::constants:
        return sum(
            kept, [&](const Layer& l) { return l.weights * goal_.weight_bytes; },
            goal_.channel_bytes);
      case Target::ram:
        return peak(kept);
    }
    return 0;
  }

 private:
  struct Layer {
    ValueId input, output;
    bool shares_inputs;  // each output channel reads many
    double macs, weights;
  };

  double count_of(ValueId id) const { return channel_count(graph_.value(id).type.shape); }

  template <class Of>
  double sum(const std::vector<double>& kept, Of&& of, int32_t of_channel) const {
    double total = 0;
    for (const Layer& layer : layers_) {
      const double out = kept[static_cast<size_t>(layer.output)];
      const double in = layer.shares_inputs ? kept[static_cast<size_t>(layer.input)] : 1.0;
      total += of(layer) * in * out + of_channel * out * count_of(layer.output);
    }
    return total;
  }

  // The most bytes that live at once while the nodes run in their order, each value in memory of
  // its own.
  double peak(const std::vector<double>& kept) const {
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

  const Graph& graph_;
  const ChannelGoal& goal_;
  double candidates_;
  std::vector<Layer> layers_;
};

// The fewest candidates without which no more than `wanted` is left.
std::vector<const Candidate*> fewest(const Families& families, const Costs& costs, double wanted) {
  const size_t all = families.candidates.size();
  size_t low = 0, high = all + 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (middle > all || costs.left(chosen(families, middle)) <= wanted * (1 + 1e-9)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low > all)
    throw Error(
        ErrorKind::usage,
        fmt::format("without {} of its {} groups of channels {:.0f} are left, {:.0f} were "
                    "asked for",
                    chosen(families, all).size(), all, costs.left(chosen(families, all)), wanted),
        "prune", "ask for less");
  return chosen(families, low);
}

// What does not live at the peak need not go. The most important first, since each that stays may
// keep others.
void keep_what_does_not_count(std::vector<const Candidate*>& gone, const Families& families,
                              const Costs& costs, double wanted) {
  std::vector<bool> tried(families.sizes.size());
  for (size_t f = 0; f < families.sizes.size(); f++) {
    std::vector<const Candidate*> without;
    for (const Candidate* candidate : gone)
      if (candidate->family != f) without.push_back(candidate);
    if (without.size() < gone.size() && costs.left(without) <= wanted) gone = std::move(without);
  }
}

// ---- masks

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

void mask(Graph& graph, std::span<const Candidate* const> gone) {
  std::vector<std::vector<bool>> channels(graph.values.size());
  for (const Candidate* candidate : gone)
    for (const ChannelOf& member : candidate->group->members) {
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

// By value and channel: whether nothing but zeros makes it, as far as masks say; for values that no
// parameters make, whether nothing speaks against it.
std::vector<std::vector<bool>> masked_channels(const Graph& graph) {
  std::vector<std::vector<bool>> masked(graph.values.size());
  for (const Node& node : graph.nodes) {
    std::vector<bool>& of = masked[static_cast<size_t>(node.outputs[0])];
    of.assign(static_cast<size_t>(channel_count(graph.value(node.outputs[0]).type.shape)), true);
    bool any = false;
    for_each_parameter(graph, node, [&](size_t operand, const Channels& relation) {
      any = true;
      const Value& value = graph.value(node.inputs[operand]);
      const std::vector<int32_t> channels = output_channels(relation, value.type.shape);
      for (size_t k = 0; k < channels.size(); k++)
        if (!value.mask || (*value.mask)[k] != 0) of[static_cast<size_t>(channels[k])] = false;
    });
    if (!any) of.clear();
  }
  return masked;
}

double share_or_number(double value, double before) {
  return value <= 1 ? value * before : value;
}

}  // namespace

template <>
std::span<const std::string_view> choices<Target>() {
  return kTargets;
}

// Beside integer weights a channel has a bias, a multiplier of 32 bits and a shift of 8.
ChannelGoal goal_in(Scheme scheme, Target target, double value) {
  const SchemeInfo& info = info_of(scheme);
  constexpr int32_t kMultiplierAndShift = 5;
  const auto bytes = [](DType dtype) { return static_cast<int32_t>(size_of(dtype)); };
  const bool integer = info.integer_activations();
  return {.target = target,
          .value = value,
          .weight_bytes = bytes(info.weights),
          .channel_bytes = integer ? bytes(info.bias) + kMultiplierAndShift : bytes(DType::float32),
          .activation_bytes = bytes(info.activations)};
}

void prune_channels(Graph& graph, const PruneOptions& options, const ChannelGoal& goal,
                    double growth, std::span<const float> squares) {
  const std::vector<ChannelGroup> groups = passes::channel_groups(graph);
  const Families families = families_of(graph, groups, options, squares);
  if (families.candidates.empty())
    throw Error(ErrorKind::unsupported, "no channel can go", graph.name,
                "prune weights or blocks, or leave the step out");
  const Costs costs(graph, goal, families.candidates.size());
  const double before = costs.left({});
  const double final =
      goal.target == Target::sparsity ? 1 - goal.value : share_or_number(goal.value, before);
  const double wanted = before - growth * std::max(0.0, before - final);
  std::vector<const Candidate*> gone = fewest(families, costs, wanted);
  if (goal.target == Target::ram) keep_what_does_not_count(gone, families, costs, wanted);
  mask(graph, gone);
}

Graph without_masked_channels(const Graph& graph) {
  const std::vector<std::vector<bool>> masked = masked_channels(graph);
  std::vector<ChannelOf> removed;
  for (const ChannelGroup& group : passes::channel_groups(graph)) {
    bool gone = group.removable, known = false;
    for (const ChannelOf& member : group.members) {
      const std::vector<bool>& of = masked[static_cast<size_t>(member.value)];
      if (of.empty()) continue;
      known = true;
      gone = gone && of[static_cast<size_t>(member.channel)];
    }
    if (gone && known) removed.insert(removed.end(), group.members.begin(), group.members.end());
  }
  return removed.empty() ? graph : passes::remove_channels(graph, removed);
}

}  // namespace mote::compress
