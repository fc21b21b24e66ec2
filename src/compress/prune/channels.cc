#include "compress/prune/channels.h"

#include <algorithm>

#include "autograd/network.h"
#include "compress/prune/families.h"
#include "compress/prune/parameters.h"
#include "ir/node.h"
#include "passes/remove_channels.h"

namespace mote::compress {
namespace {

using passes::ChannelGroup;
using passes::ChannelOf;
using PerChannel = std::vector<std::vector<double>>;  // by value and channel

constexpr std::string_view kTargets[] = {"sparsity", "macs", "constants", "ram"};

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

// A family's scores as shares of those that are not smaller, as LAMP has it for weights, or as
// ranks where layers are not to compete.
void make_comparable(Family& family, const PruneOptions& options) {
  std::vector<Candidate>& candidates = family.candidates;
  std::ranges::stable_sort(candidates, {}, &Candidate::score);
  if (options.scope == Scope::layer) {
    for (size_t i = 0; i < candidates.size(); i++)
      candidates[i].score = static_cast<double>(i) / static_cast<double>(candidates.size());
  } else if (options.criterion != Criterion::taylor) {
    double rest = 0;
    for (auto it = candidates.rbegin(); it != candidates.rend(); ++it) {
      rest += it->score;
      it->score = rest > 0 ? it->score / rest : 0;
    }
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
  std::vector<Family> families = removable_families(graph);
  const PerChannel importance = importance_of(graph, options.criterion, squares);
  for (Family& family : families) {
    for (Candidate& candidate : family.candidates)
      for (const ChannelOf& member : candidate.group.members)
        if (const auto& of = importance[static_cast<size_t>(member.value)]; !of.empty())
          candidate.score += of[static_cast<size_t>(member.channel)];
    make_comparable(family, options);
  }
  mask_channels(graph, choose(families, ChannelCosts(graph, goal, families), goal, growth));
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
