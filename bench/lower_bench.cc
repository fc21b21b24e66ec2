// How long graphs of many nodes take to lower, with their memory plans: a chain, residuals, and
// branches that live long. 1,000 nodes have 5 seconds. build/release/mote_bench
// --benchmark_filter=lower
#include <benchmark/benchmark.h>

#include <string>

#include <fmt/format.h>

#include "base/random.h"
#include "deploy/lower/lower.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote {
namespace {

// One layer of the graph: 1x1 convolutions, and sums with a value that many layers before made.
Graph network(int64_t nodes, int64_t distance) {
  Random random(1, "network");
  Graph graph;
  graph.name = fmt::format("{} nodes", nodes);
  const auto value = [&](const char* name, Shape shape) {
    const std::string unique = fmt::format("{}{}", name, graph.values.size());
    graph.values.push_back({unique, {DType::float32, std::move(shape), {}}, nullptr});
    return static_cast<ValueId>(graph.values.size() - 1);
  };
  const Shape shape = {1, 4, 4, 8};
  std::vector<ValueId> made = {value("x", shape)};
  graph.inputs = {made[0]};
  for (int64_t n = 0; n < nodes; n++) {
    const std::string name = fmt::format("node {}", n);
    const ValueId output = value("y", shape);
    const auto earlier = static_cast<size_t>(std::max<int64_t>(0, n - distance));
    if (distance > 0 && n % 4 == 3) {
      graph.nodes.push_back({ops::Add{}, {made.back(), made[earlier]}, {output}, name});
    } else {
      const ValueId weights = value("w", {8, 1, 1, 8});
      std::vector<float> numbers(64);
      for (float& number : numbers) number = static_cast<float>(random.uniform(-1, 1));
      graph.value(weights).data =
          std::make_shared<const Bytes>(to_bytes(std::span<const float>(numbers)));
      graph.nodes.push_back({ops::Conv2D{}, {made.back(), weights}, {output}, name});
    }
    made.push_back(output);
  }
  graph.outputs = {made.back()};
  return graph;
}

void lower_network(benchmark::State& state) {
  const Graph graph = network(state.range(0), state.range(1));
  Program program;
  for (auto _ : state) {
    program = deploy::lower(graph, deploy::host_device());
    benchmark::DoNotOptimize(program);
  }
  state.counters["peak_bytes"] = program.plan.peak_bytes;
  state.counters["optimal"] = program.plan.optimal;
}
BENCHMARK(lower_network)
    ->ArgNames({"nodes", "residual"})
    ->ArgsProduct({{100, 1000, 10'000}, {0, 4, 100}})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace mote
