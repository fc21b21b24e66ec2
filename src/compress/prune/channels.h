// Pruning of channels: whole groups of what depends on each other (passes/channel_groups.h) are
// masked, and removed for good once training is over. Tested by channels_test.cc.
#pragma once

#include <optional>
#include <span>

#include "compress/prune/prune.h"
#include "ir/graph.h"
#include "ir/scheme.h"

namespace mote::compress {

// What is to become smaller.
enum class Target : uint8_t {
  sparsity,   // the share of the channels that go
  macs,       // multiply-accumulates that are left
  constants,  // bytes of weights and biases that are left, as the recipe's scheme has them
  ram,        // bytes of activations at the peak that are left; only what lives then counts
};

template <>
std::span<const std::string_view> choices<Target>();

struct ChannelGoal {
  Target target = Target::sparsity;
  // Of sparsity a share; of others up to 1 a share of what there was, above that a number.
  double value = 0.5;
  // What a weight takes, and what else a channel takes; an activation's element.
  int32_t weight_bytes = 4;
  int32_t channel_bytes = 4;
  int32_t activation_bytes = 4;
};

// The goal with the bytes that weights, channels and activations take in a scheme.
ChannelGoal goal_in(Scheme scheme, Target target, double value);

// Masks the least important groups of channels, so few that the goal is reached, and rounds the
// channels of each layer that stay up to multiples of 4, where the goal can be reached so. `growth`
// in (0, 1] is the share of the way to the goal. A channel's importance is that of its weights,
// bias and batch norm, over all members of its group; `squares` as in prune_weights. Throws
// Error{unsupported} where no channel can go, Error{usage} where the goal cannot be reached.
void prune_channels(Graph& graph, const PruneOptions& options, const ChannelGoal& goal,
                    double growth, std::span<const float> squares);

// The graph without the groups of channels that are masked as a whole. What they computed is zero,
// so nothing else changes.
Graph without_masked_channels(const Graph& graph);

}  // namespace mote::compress
