// Which channels of a graph's activations go together: if one is removed, so must be all others of
// its group, because an operator makes one of the other, channel by channel. What is removed by
// remove_channels.h comes in such groups. Tested by channel_groups_test.cc. DepGraph, 2301.12900.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"

namespace mote::passes {

// A channel, one index of the last dimension, of an activation.
struct ChannelOf {
  ValueId value;
  int32_t channel;

  bool operator==(const ChannelOf&) const = default;
};

struct ChannelGroup {
  std::vector<ChannelOf> members;  // by value, then by channel
  // Not of an input or an output of the graph, not all that a value has, and every operator that
  // reads or makes a member can follow.
  bool removable;
};

// Every channel of every activation is in one group, and the groups are in the order of their
// first members. They follow from OpDef::channels alone:
// * What an operator makes channel by channel, also after a move (Pad, Split, slices of consecutive
//   channels), is tied to what it makes it of; a flattened image's columns to the channel they are
//   of. A layer with weights ends a group: its weights, not its input, say which channels it has.
// * A convolution of several groups of inputs loses the same channels in each of them; where each
//   has one input (depthwise), it loses the group with all that is made of it.
// * What mixes channels without weights (Softmax, a mean over channels) and slices in larger steps
//   cannot follow.
// No groups where the graph has more than 2^22 channels in all, as a small file may claim.
std::vector<ChannelGroup> channel_groups(const Graph& graph);

}  // namespace mote::passes
