// A model on a data set: what `mote evaluate` prints. Tested by evaluate_test.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/metrics.h"
#include "ir/graph.h"

namespace mote::evaluate {

struct Evaluation {
  Metrics metrics;
  std::vector<int32_t> predictions;  // the class of each sample, in order
  double seconds = 0;                // of inference alone
  double inferences_per_second() const {
    return seconds > 0 ? static_cast<double>(predictions.size()) / seconds : 0;
  }
};

// Runs the first `limit` samples (0: all). `progress` hears how many of how many are done. Throws
// Error{usage} for data without labels, or with labels that are no class of the model, and as
// encode does.
using Progress = std::function<void(int32_t done, int32_t total)>;
Evaluation evaluate(Engine& engine, const Graph& graph, const datasets::Split& split,
                    int32_t limit = 0, const Progress& progress = {});

}  // namespace mote::evaluate
