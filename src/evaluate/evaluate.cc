#include "evaluate/evaluate.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "base/error.h"
#include "evaluate/classes.h"
#include "evaluate/samples.h"

namespace mote::evaluate {

Evaluation evaluate(Engine& engine, const Graph& graph, const datasets::Split& split, int32_t limit,
                    const Progress& progress) {
  constexpr int32_t kChunk = 512;
  if (split.labels.empty())
    throw Error(ErrorKind::usage, "the data has no labels", graph.name,
                "evaluation compares with labels: add `y` to the .npz");
  check_labels(graph, split.labels);
  const int32_t total = limit > 0 ? std::min(limit, split.count()) : split.count();
  Evaluation result;
  for (int32_t begin = 0; begin < total; begin += kChunk) {
    const int32_t count = std::min(kChunk, total - begin);
    const std::vector<Bytes> inputs = encode(graph, split, begin, count);
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Bytes> outputs = engine.run(inputs, count);
    result.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::vector<int32_t> classes = classify(graph, outputs.at(0), count);
    result.predictions.insert(result.predictions.end(), classes.begin(), classes.end());
    if (progress) progress(begin + count, total);
  }
  result.metrics =
      metrics_of(result.predictions, std::span(split.labels).first(result.predictions.size()));
  return result;
}

}  // namespace mote::evaluate
