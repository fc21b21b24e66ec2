// What a model consists of and what it will cost: layers, MACs, parameters, constants, memory plan.
// Tested by inspection_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "deploy/devices/device.h"
#include "deploy/storage/storage.h"
#include "evaluate/optimization.h"
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
  // What `deploy` lowers, and what it comes to.
  Optimization optimization;
  int64_t constant_bytes = 0;
  deploy::ConstantBytes constants;                               // what those are
  std::map<std::string, deploy::ConstantBytes> layer_constants;  // by the layer's name
  std::vector<deploy::WeightsFacts> weights;                     // how firmware keeps them
  MemoryPlan plan;
};

// Which passes run before a graph is lowered.
enum class Passes { none, all };

Inspection inspect(const Graph& graph, Passes passes = Passes::all,
                   deploy::Preference prefer = deploy::Preference::balance);
// Only that: weights may be without bytes (zoo::Options::shapes_only).
std::vector<LayerFacts> layers_of(const Graph& graph);

}  // namespace mote::evaluate
