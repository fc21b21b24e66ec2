// One node computed on constants, by the kernels that a device would run. Tested by the passes that
// fold what it gives.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ir/node.h"
#include "runtime/arithmetic/requantize.h"

namespace mote::passes {

// A graph of one node and its values, numbered anew: what it takes to look at a node does not grow
// with the graph that it is of.
Graph alone(const Graph& graph, const Node& node);

// The bytes of each output of the only node of `graph`, whose inputs are all constant. Nothing
// where there is no kernel for it.
std::optional<std::vector<Bytes>> run_on_constants(const Graph& graph,
                                                   mote_rounding rounding = MOTE_ROUNDING_DOUBLE);

}  // namespace mote::passes
