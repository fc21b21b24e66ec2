// Pruning of channels without training: what reads the channels that go is fitted anew, by least
// squares, to what it computed before. Tested by reconstruct_test.cc.
#pragma once

#include <cstdint>
#include <span>

#include "compress/prune/channels.h"
#include "ir/graph.h"

namespace mote::compress {

// Masks groups of channels until the goal is reached, those first whose place the others of their
// layer take best: the loss of the least squares fit of all layers that read them (optimal brain
// surgeon, by channels; 1705.07565, 1707.06168), as a share of what these compute, for what the
// group takes along. Then every layer behind the first of them is fitted to what it computed in the
// original network, in order, for what enters it now. `inputs`: `count` unlabelled samples,
// preprocessed. Layers whose readers are no Conv2D without groups and no FullyConnected keep all
// their channels. Throws as prune_channels.
void reconstruct_channels(Graph& graph, const ChannelGoal& goal, std::span<const float> inputs,
                          int32_t count);

}  // namespace mote::compress
