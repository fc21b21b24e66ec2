// The passes that `optimize` runs, in order: one list, which says of each what it keeps. All are
// exact or float-equivalent; what loses accuracy is compression. Tested by pipeline_test.cc.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "ir/graph.h"

namespace mote::passes {

enum class Kind : uint8_t {
  exact,             // every output byte stays
  float_equivalent,  // outputs stay but for the rounding of float arithmetic: relative 1e-4
  lossy,
};
std::string_view name_of(Kind kind);

struct Pass {
  std::string_view name;
  Kind kind;
  bool (*run)(Graph& graph);  // whether it changed anything
};
std::span<const Pass> pipeline();

struct PassReport {
  std::string_view name;
  Kind kind;
  bool changed;
};

// Runs one pass, drops what nobody reads any more, and verifies.
PassReport run(const Pass& pass, Graph& graph);
// Runs them all; `watch` is called after each. The result passes verify(graph, Level::optimized).
std::vector<PassReport> optimize(Graph& graph,
                                 const std::function<void(const PassReport&)>& watch = {});
// The graph as `optimize` leaves it: what devices get, and what `inspect` plans the memory of.
Graph optimized(Graph graph);

}  // namespace mote::passes
