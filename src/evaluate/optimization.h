// What the passes that lose nothing make of a graph, and what each of them saves. Tested by
// optimization_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/graph.h"
#include "passes/pipeline.h"

namespace mote::evaluate {

struct NetworkSize {
  int64_t nodes = 0;
  int64_t channels = 0;      // that layers with weights make
  int64_t weights = 0;       // elements of their kernels
  int64_t macs = 0;          // multiply-accumulates, taps in the padding included
  int64_t weight_bytes = 0;  // of all constants; what firmware makes of them differs

  bool operator==(const NetworkSize&) const = default;
};

NetworkSize size_of(const Graph& graph);

struct PassEffect {
  passes::PassReport report;
  NetworkSize before;
  NetworkSize after;
};

struct Optimization {
  Graph graph;
  std::vector<PassEffect> passes;  // in the order in which they ran
  NetworkSize before;
  NetworkSize after;

  // Those that passes took away, of whichever there were.
  int64_t removed_channels() const;
};

// passes::optimize, with a look at what each pass does.
Optimization optimize(Graph graph);
// The graph as it is, as if there were no passes.
Optimization not_optimized(Graph graph);

}  // namespace mote::evaluate
