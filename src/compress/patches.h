// What a layer sums up: for each position of its output the numbers that its weights multiply.
// Convolutions, with groups or depthwise as well, and dense layers; zeros in the padding. Tested by
// patches_test.cc.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace mote::compress {

// Whether the node is a Conv2D without groups or a FullyConnected, with float constants as weights.
bool has_patches(const Graph& graph, const Node& node);
// Numbers in a patch: of the window, [H, W, I] row-major, where I are all channels of the input. Of
// a node that has_patches these are the weights of one output channel, in their order.
size_t patch_size(const Graph& graph, const Node& node);
// Of an input that the caller has, patches at all positions of all samples.
int64_t patch_count(const Graph& graph, const Node& node, int32_t samples);

// Writes patch `index` of `input`, the node's operand 0 for several samples, [N, ...] row-major.
void read_patch(const Graph& graph, const Node& node, std::span<const float> input, int64_t index,
                std::span<float> patch);

// Output channels that multiply the same numbers of a patch.
struct PatchGroup {
  std::vector<size_t> columns;               // of the patch
  std::vector<std::vector<size_t>> weights;  // by output channel: the weight of each column
};

// One of a convolution without groups and of a dense layer, one for each group of channels of
// others, depthwise layers included; none of other nodes.
std::vector<PatchGroup> patch_groups(const Graph& graph, const Node& node);

}  // namespace mote::compress
