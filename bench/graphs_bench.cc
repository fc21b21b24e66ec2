// What a graph of many nodes takes on its way in: reading a file, verifying, optimizing, printing
// and parsing, by number of nodes. The times of twice as many should be twice as long; the
// processor's time counts, not the clock's: build/release/mote_bench --benchmark_filter=graph
#include <benchmark/benchmark.h>

#include "formats/tflite/tflite.h"
#include "ir/text.h"
#include "passes/pipeline.h"
#include "tests/support/large_graphs.h"

namespace mote {
namespace {

constexpr int32_t kNodesOfALayer = 7;

Graph graph_of(const benchmark::State& state) {
  return testing::large_graph(static_cast<int32_t>(state.range(0)) / kNodesOfALayer);
}

void graph_import(benchmark::State& state) {
  const Bytes bytes =
      formats::print_tflite(testing::large_foreign_graph(static_cast<int32_t>(state.range(0))));
  for (auto _ : state)
    benchmark::DoNotOptimize(
        import_graph(formats::parse_tflite(bytes, "large.tflite"), Format::tflite));
}

void graph_verify(benchmark::State& state) {
  const Graph graph = graph_of(state);
  for (auto _ : state) verify(graph, Level::imported);
}

void graph_optimize(benchmark::State& state) {
  const Graph graph = graph_of(state);
  for (auto _ : state) {
    Graph optimized = graph;
    benchmark::DoNotOptimize(passes::optimize(optimized));
  }
}

void graph_print(benchmark::State& state) {
  const Graph graph = graph_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(print(graph));
}

void graph_parse(benchmark::State& state) {
  const PrintedGraph printed = print(graph_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(parse(printed.text, printed.constants));
}

#define MOTE_GRAPH_BENCHMARK(function) \
  BENCHMARK(function)->Arg(10'000)->Arg(20'000)->Unit(benchmark::kMillisecond)

MOTE_GRAPH_BENCHMARK(graph_import);
MOTE_GRAPH_BENCHMARK(graph_verify);
MOTE_GRAPH_BENCHMARK(graph_optimize);
MOTE_GRAPH_BENCHMARK(graph_print);
MOTE_GRAPH_BENCHMARK(graph_parse);

}  // namespace
}  // namespace mote
