// A graph without some of its channels: what is left of weights, biases, quantizations, shapes and
// attributes once whole groups of channels (channel_groups.h) are gone. Tested by
// remove_channels_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ir/graph.h"
#include "ops/channels.h"
#include "passes/channel_groups.h"

namespace mote::passes {

// The graph without the channels `removed`: all members of some groups that channel_groups says are
// removable, in any order, such that at least one channel of every value stays. What those channels
// did to others is gone with them: nothing, where no weight reads them but zeros. Constants that
// nodes share, and that lose different channels, become one for each. Values and nodes keep their
// ids and names; the result passes verify where the graph does. Throws Error{internal} that names
// the value where a group is not whole or a value would be left without channels.
Graph remove_channels(const Graph& graph, std::span<const ChannelOf> removed);

// The indices of one dimension that stay.
struct Cut {
  int32_t axis;
  KeptChannels kept;

  bool operator==(const Cut&) const = default;
};

// What stays of a tensor: of its type, with the scales along that dimension; and of a constant,
// with all that it has an element of for each index.
TensorType cut(TensorType type, const Cut& cut);
Value cut(Value constant, const Cut& cut);

}  // namespace mote::passes
