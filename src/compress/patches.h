// What a layer sums up: for each position of its output the numbers that the weights of one output
// channel multiply, in their order. Convolutions and dense layers; zeros in the padding. Tested by
// patches_test.cc.
#pragma once

#include <functional>
#include <span>

#include "ir/graph.h"

namespace mote::compress {

// Whether the node is a Conv2D without groups or a FullyConnected, with float constants as weights.
bool has_patches(const Graph& graph, const Node& node);
// Numbers in a patch: of the weights of one output channel, [H, W, I] row-major.
size_t patch_size(const Graph& graph, const Node& node);
// Of an input that the caller has, patches at all positions of all samples.
int64_t patch_count(const Graph& graph, const Node& node, int32_t samples);

// Writes patch `index` of `input`, the node's operand 0 for several samples, [N, ...] row-major.
void read_patch(const Graph& graph, const Node& node, std::span<const float> input, int64_t index,
                std::span<float> patch);

}  // namespace mote::compress
