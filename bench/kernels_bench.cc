// What the kernels' variants gain on this machine: GMAC/s of each by layer shape, and how many
// times the speed of `reference`, measured in the same run. Whole networks as well, where
// $MOTE_MODELS_DIR has them. One core of a quiet machine: taskset -c 0 build/release/mote_bench
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "tests/support/random_data.h"

namespace mote {
namespace {

// One thing to run, and how long the reference took for it.
struct Subject {
  std::string name;
  Graph graph;
  int64_t macs = 0;
  double reference_seconds = 0;
};

int64_t macs_of(const Graph& graph) {
  int64_t macs = 0;
  for (const Node& node : graph.nodes) {
    std::vector<TensorType> types;
    for (ValueId id : node.inputs)
      types.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
    const OpDef& def = op_def(node.op);
    macs += def.cost(node.op, types, graph.value(node.outputs[0]).type).macs;
  }
  return macs;
}

std::shared_ptr<Subject> layer(const std::string& name, const Op& op, const Shape& input,
                               const Shape& weights) {
  Random random(1, name);
  Graph graph;
  graph.name = name;
  graph.inputs = {add_value(graph, "input", {DType::int8, input, per_tensor(0.05f, -3)})};
  const ValueId constant =
      add_constant(graph, "weights", {DType::int8, weights, per_tensor(0.01f, 0)},
                   testing::random_integers<int8_t>(element_count(weights), random, -127, 127));
  graph.outputs = {add_node(graph, op, {graph.inputs[0], constant}, name)};
  graph.value(graph.outputs[0]).type.quantization = per_tensor(0.1f, 5);
  const int64_t macs = macs_of(graph);
  return std::make_shared<Subject>(Subject{name, std::move(graph), macs});
}

deploy::Device with_isa_up_to(std::string_view isa) {
  deploy::Device device = deploy::host_device();
  while (device.isa.back() != isa) device.isa.pop_back();
  return device;
}

void measure(benchmark::State& state, Subject& subject, const std::string& isa) {
  const Program program = deploy::lower(subject.graph, with_isa_up_to(isa));
  interpret::Interpreter interpreter(program);
  Random random(2, subject.name);
  std::vector<Bytes> inputs, outputs;
  for (const Port& port : program.inputs)
    inputs.push_back(testing::random_integers<int8_t>(byte_size(port.type), random, -128, 127));
  for (const Port& port : program.outputs)
    outputs.emplace_back(static_cast<size_t>(byte_size(port.type)));
  const std::vector<std::span<const uint8_t>> in(inputs.begin(), inputs.end());
  const std::vector<std::span<uint8_t>> out(outputs.begin(), outputs.end());

  const std::clock_t start = std::clock();  // of the processor, whatever else runs on the machine
  for (auto _ : state) interpreter.run(in, out);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC /
                         static_cast<double>(state.iterations());
  if (isa == "any") subject.reference_seconds = seconds;
  state.counters["GMAC/s"] = static_cast<double>(subject.macs) / seconds * 1e-9;
  state.counters["x_reference"] = subject.reference_seconds / seconds;
}

// `any` first: the reference that the others are held against.
void add_benchmarks(const std::shared_ptr<Subject>& subject) {
  for (const std::string& isa : deploy::host_device().isa)
    benchmark::RegisterBenchmark(
        fmt::format("{}/{}", subject->name, isa == "any" ? "reference" : isa).c_str(),
        [=](benchmark::State& state) { measure(state, *subject, isa); })
        ->Unit(benchmark::kMicrosecond);
}

void add_network(const std::string& name) {
  const char* folder = std::getenv("MOTE_MODELS_DIR");
  const std::string path = fmt::format("{}/{}.tflite", folder == nullptr ? "" : folder, name);
  if (!std::filesystem::exists(path)) return;
  Graph graph = formats::read_model(path);
  const int64_t macs = macs_of(graph);
  add_benchmarks(std::make_shared<Subject>(Subject{name, std::move(graph), macs}));
}

// The layers of resnet8 and kws_dscnn, and a wide classifier.
const bool registered = [] {
  const Padding same{1, 1, 1, 1};
  add_benchmarks(layer("conv2d 32x32 3->16 3x3", ops::Conv2D{{1, 1}, {}, same}, {1, 32, 32, 3},
                       {16, 3, 3, 3}));
  add_benchmarks(layer("conv2d 32x32 16->16 3x3", ops::Conv2D{{1, 1}, {}, same}, {1, 32, 32, 16},
                       {16, 3, 3, 16}));
  add_benchmarks(layer("conv2d 16x16 32->32 3x3", ops::Conv2D{{1, 1}, {}, same}, {1, 16, 16, 32},
                       {32, 3, 3, 32}));
  add_benchmarks(
      layer("conv2d 8x8 64->64 3x3", ops::Conv2D{{1, 1}, {}, same}, {1, 8, 8, 64}, {64, 3, 3, 64}));
  add_benchmarks(layer("conv2d 25x5 64->64 1x1", ops::Conv2D{}, {1, 25, 5, 64}, {64, 1, 1, 64}));
  add_benchmarks(layer("fully_connected 1024->256", ops::FullyConnected{}, {1, 1024}, {256, 1024}));
  add_network("resnet8_int8");
  add_network("kws_dscnn_int8");
  return true;
}();

}  // namespace
}  // namespace mote
