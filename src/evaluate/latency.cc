#include "evaluate/latency.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"

namespace mote::evaluate {
namespace {

constexpr int32_t kImages = 16;  // more would measure the cache

// Durations in microseconds, until time or runs are used up; at least one.
std::vector<double> time_runs(Engine& engine, const std::vector<std::vector<Bytes>>& samples,
                              double seconds, int32_t most_runs) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> microseconds;
  const auto start = Clock::now();
  for (auto begin = start;
       microseconds.empty() || (std::ssize(microseconds) < most_runs &&
                                std::chrono::duration<double>(begin - start).count() < seconds);) {
    engine.run(samples[microseconds.size() % samples.size()], 1);
    const auto end = Clock::now();
    microseconds.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
    begin = end;
  }
  return microseconds;
}

}  // namespace

Latency summarize(std::vector<double> microseconds) {
  if (microseconds.empty()) throw Error(ErrorKind::internal, "no durations to summarize");
  std::ranges::sort(microseconds);
  const auto percentile = [&](double fraction) {
    const auto rank = std::ceil(fraction * static_cast<double>(microseconds.size()));
    return microseconds[static_cast<size_t>(std::max(rank, 1.0)) - 1];
  };
  return {.engine = {},
          .threads = 1,
          .runs = static_cast<int32_t>(microseconds.size()),
          .median_us = percentile(0.5),
          .p10_us = percentile(0.1),
          .p90_us = percentile(0.9)};
}

Latency measure_latency(const Graph& graph, const datasets::Split& data,
                        const LatencyOptions& options) {
  const int32_t count = std::min(kImages, data.count());
  if (count < 1) throw Error(ErrorKind::usage, "no samples to run", graph.name);
  std::vector<std::vector<Bytes>> samples;
  for (int32_t i = 0; i < count; i++) samples.push_back(encode(graph, data, i, 1));
  const auto engine = make_engine(options.engine, graph, {.threads = 1});
  time_runs(*engine, samples, options.seconds / 5, options.most_runs);
  Latency latency = summarize(time_runs(*engine, samples, options.seconds, options.most_runs));
  latency.engine = options.engine;
  return latency;
}

}  // namespace mote::evaluate
