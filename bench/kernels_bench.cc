// What the kernels' variants gain on this machine: GMAC/s of each by layer shape, how many times
// the speed of `reference`, and which share of the most that the processor's instructions could do,
// all measured in the same run. Whole networks as well, where $MOTE_MODELS_DIR has them. One core
// of a quiet machine: taskset -c 0 build/release/mote_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "base/error.h"
#include "bench/peak.h"
#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
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

  bench::Factors factors() const {
    const DType type = graph.value(graph.inputs[0]).type.dtype;
    if (type == DType::float32) return bench::Factors::float32;
    return type == DType::int8 ? bench::Factors::int8 : bench::Factors::int16;
  }
};

int64_t macs_of(const Graph& graph) {
  int64_t macs = 0;
  for (const Node& node : graph.nodes) {
    std::vector<TensorType> types;
    for (ValueId id : node.inputs)
      types.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
    const OpDef& def = op_def(node.op);
    macs += def.cost(node.op, types, std::vector{graph.value(node.outputs[0]).type}).macs;
  }
  return macs;
}

std::shared_ptr<Subject> layer(const std::string& name, const Op& op, const Shape& input,
                               const Shape& weights, DType type) {
  Random random(1, name);
  Graph graph;
  graph.name = fmt::format("{} {}", name, name_of(type));
  const int32_t zero_point = type == DType::int8 ? -3 : 0;
  const bool real = type == DType::float32;
  const auto activation = [&](float scale) {
    return real ? std::nullopt : std::optional(per_tensor(scale, zero_point));
  };
  graph.inputs = {add_value(graph, "input", {type, input, activation(0.05f)})};
  const ValueId constant =
      real ? add_constant(graph, "weights", {type, weights, {}},
                          testing::random_floats(element_count(weights), random))
           : add_constant(
                 graph, "weights", {DType::int8, weights, per_tensor(0.01f, 0)},
                 testing::random_integers<int8_t>(element_count(weights), random, -127, 127));
  graph.outputs = {add_node(graph, op, {graph.inputs[0], constant}, name)};
  graph.value(graph.outputs[0]).type.quantization = activation(0.1f);
  const int64_t macs = macs_of(graph);
  return std::make_shared<Subject>(Subject{graph.name, std::move(graph), macs});
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
    inputs.push_back(testing::random_elements(port.type, random));
  for (const Port& port : program.outputs)
    outputs.emplace_back(static_cast<size_t>(byte_size(port.type)));
  const std::vector<std::span<const uint8_t>> in(inputs.begin(), inputs.end());
  const std::vector<std::span<uint8_t>> out(outputs.begin(), outputs.end());

  const double peak = bench::peak_macs_per_second(isa, subject.factors());
  const std::clock_t start = std::clock();  // of the processor, whatever else runs on the machine
  for (auto _ : state) interpreter.run(in, out);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC /
                         static_cast<double>(state.iterations());
  if (isa == "any") subject.reference_seconds = seconds;
  state.counters["GMAC/s"] = static_cast<double>(subject.macs) / seconds * 1e-9;
  state.counters["x_reference"] = subject.reference_seconds / seconds;
  if (peak > 0) state.counters["of_peak"] = static_cast<double>(subject.macs) / seconds / peak;
}

// `any` first: the reference that the others are held against.
void add_benchmarks(const std::shared_ptr<Subject>& subject) {
  for (const std::string& isa : deploy::host_device().isa)
    benchmark::RegisterBenchmark(
        fmt::format("{}/{}", subject->name, isa == "any" ? "reference" : isa).c_str(),
        [=](benchmark::State& state) { measure(state, *subject, isa); })
        ->Unit(benchmark::kMicrosecond);
}

// A network that Mote runs; others are passed over.
void add_network(const std::filesystem::path& file) {
  try {
    Graph graph = formats::read_model(file);
    deploy::lower(graph, deploy::host_device());
    const int64_t macs = macs_of(graph);
    add_benchmarks(std::make_shared<Subject>(Subject{file.stem(), std::move(graph), macs}));
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", file.filename().string(), error.message);
  }
}

void add_networks(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".tflite") files.push_back(entry.path());
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) add_network(file);
}

void add_layers(DType type) {
  const Padding same{1, 1, 1, 1};
  const auto add = [&](const std::string& name, const Op& op, const Shape& input,
                       const Shape& weights) {
    add_benchmarks(layer(name, op, input, weights, type));
  };
  const ops::Conv2D conv{{1, 1}, {}, same};
  const ops::DepthwiseConv2D depthwise{{1, 1}, {}, same};
  add("conv2d 32x32 3->16 3x3", conv, {1, 32, 32, 3}, {16, 3, 3, 3});
  add("conv2d 32x32 16->16 3x3", conv, {1, 32, 32, 16}, {16, 3, 3, 16});
  add("conv2d 16x16 32->32 3x3", conv, {1, 16, 16, 32}, {32, 3, 3, 32});
  add("conv2d 8x8 64->64 3x3", conv, {1, 8, 8, 64}, {64, 3, 3, 64});
  add("conv2d 25x5 64->64 1x1", ops::Conv2D{}, {1, 25, 5, 64}, {64, 1, 1, 64});
  add("depthwise_conv2d 25x5 64 3x3", depthwise, {1, 25, 5, 64}, {1, 3, 3, 64});
  add("depthwise_conv2d 48x48 16 3x3", depthwise, {1, 48, 48, 16}, {1, 3, 3, 16});
  add("depthwise_conv2d 49x40 1->8 10x8", depthwise, {1, 49, 40, 1}, {1, 10, 8, 8});
  add("fully_connected 1024->256", ops::FullyConnected{}, {1, 1024}, {256, 1024});
}

// The layers of resnet8, kws_dscnn, vww96 and micro_speech, and a wide classifier.
const bool registered = [] {
  add_layers(DType::int8);
  add_layers(DType::int16);
  add_layers(DType::float32);
  if (const char* folder = std::getenv("MOTE_MODELS_DIR")) add_networks(folder);
  return true;
}();

}  // namespace
}  // namespace mote
