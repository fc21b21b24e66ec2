// What a model consists of and what it will cost: layers, MACs, parameters, constants, memory plan.
// Tested by inspection_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "ir/program.h"

namespace mote::evaluate {

struct LayerFacts {
  std::string name;  // as in the user's file
  std::string op;
  std::vector<TensorType> outputs;
  int64_t macs = 0;
  int64_t parameters = 0;
  int32_t weight_bits = 0;   // of its largest constant; 0 where it has none
  int64_t weight_bytes = 0;  // of all its constants
};

struct Inspection {
  std::vector<LayerFacts> layers;  // of the graph as it is
  int64_t macs = 0;
  int64_t parameters = 0;
  // Of the optimized graph, which is what `deploy` lowers.
  int64_t constant_bytes = 0;
  MemoryPlan plan;
};

Inspection inspect(const Graph& graph);
// Only that: weights may be without bytes (zoo::Options::shapes_only).
std::vector<LayerFacts> layers_of(const Graph& graph);

}  // namespace mote::evaluate
