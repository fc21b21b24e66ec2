// How long one inference takes on this machine: measured, and the one figure that another run does
// not repeat. Tested by latency_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "ir/graph.h"

namespace mote::evaluate {

struct Latency {
  std::string engine;
  int32_t threads = 1;
  int32_t runs = 0;
  double median_us = 0;
  double p10_us = 0;  // a tenth of the runs took no longer
  double p90_us = 0;
};

struct LatencyOptions {
  std::string engine = kDefaultEngine;
  double seconds = 0.5;  // what the runs may take together; at least one is measured
  int32_t most_runs = 1000;
};

// Inferences one by one on one thread, over the first samples in turn, after as many to warm up as
// fit into a fifth of the time. Throws as make_engine and encode do.
Latency measure_latency(const Graph& graph, const datasets::Split& data,
                        const LatencyOptions& options = {});

// Median and percentiles of at least one duration, each a duration that occurred (nearest rank).
Latency summarize(std::vector<double> microseconds);

}  // namespace mote::evaluate
