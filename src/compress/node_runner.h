// Runs one node of a float graph on many samples, by the host's kernels. Tested by
// node_runner_test.cc.
#pragma once

#include <map>
#include <vector>

#include "ir/graph.h"

namespace mote::compress {

// By value of a graph: its numbers for some samples, one sample after another, row-major.
using Activations = std::map<ValueId, std::vector<float>>;

// Adds what the node makes of the activations that it reads, for `count` samples.
void run_node(const Graph& graph, const Node& node, int32_t count, Activations& activations);

}  // namespace mote::compress
