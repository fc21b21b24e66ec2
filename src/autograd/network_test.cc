#include "autograd/network.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <thread>

#include "base/error.h"
#include "base/random.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "tests/support/sanitized.h"
#include "tests/support/small_zoo.h"
#include "zoo/builder.h"
#include "zoo/zoo.h"

namespace mote::autograd {
namespace {

std::vector<float> random_numbers(size_t count, uint64_t seed, double min, double max) {
  Random random(seed);
  std::vector<float> numbers(count);
  for (float& x : numbers) x = static_cast<float>(random.uniform(min, max));
  return numbers;
}

// Statistics, scales and offsets that a trained network could have, so that folding has work to do.
void disturb_batch_norms(Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<ops::BatchNorm>(node.op)) continue;
    for (size_t i = 1; i < node.inputs.size(); i++) {
      Value& value = graph.value(node.inputs[i]);
      const bool positive = i == 1 || i == 4;  // gamma, variance
      const auto data = random_numbers(static_cast<size_t>(element_count(value.type.shape)), i,
                                       positive ? 0.5 : -0.3, positive ? 1.5 : 0.3);
      value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
    }
  }
}

std::vector<float> interpreted(const Graph& graph, const std::vector<float>& input) {
  const Program program = deploy::lower(graph, deploy::host_device());
  const Bytes bytes = to_bytes(std::span<const float>(input));
  const Bytes output = interpret::run(program, std::span(&bytes, 1)).at(0);
  const auto* first = reinterpret_cast<const float*>(output.data());
  return {first, first + output.size() / sizeof(float)};
}

std::vector<float> preprocessed(const Graph& graph, std::vector<float> pixels) {
  for (float& x : pixels) x *= graph.preprocessing.at(0).scale.at(0);
  return pixels;
}

// The tolerance between libtorch and our float kernels: 1e-5 of a probability.
TEST(Network, AgreesWithTheKernelsOnTheWholeZoo) {
  std::vector<std::string> names = testing::small_zoo();
  names.insert(names.end(), {"zoo:custom", "zoo:lenet5", "zoo:resnet8"});
  for (const std::string& name : names) {
    Graph graph = zoo::build(name);
    disturb_batch_norms(graph);
    const auto elements =
        static_cast<size_t>(element_count(graph.value(graph.inputs[0]).type.shape));
    const std::vector<float> pixels = random_numbers(elements, 5, 0.0, 255.0);
    std::vector<float> twins;
    Network(graph).run(preprocessed(graph, pixels), 1, twins);

    passes::optimize(graph);
    const std::vector<float> kernels = interpreted(graph, preprocessed(graph, pixels));
    ASSERT_EQ(twins.size(), kernels.size()) << name;
    for (size_t i = 0; i < twins.size(); i++) EXPECT_NEAR(twins[i], kernels[i], 1e-5) << name;
  }
}

TEST(Network, TreatsTheImagesOfABatchAlike) {
  const Graph graph = zoo::build("resnet8");
  const std::vector<float> batch = random_numbers(3 * 32 * 32 * 3, 6, 0.0, 1.0);
  Network network(graph);
  std::vector<float> all, one;
  network.run(batch, 3, all);
  ASSERT_EQ(all.size(), 30u);
  for (size_t i = 0; i < 3; i++) {
    network.run(std::span(batch).subspan(i * 3072, 3072), 1, one);
    for (size_t c = 0; c < 10; c++) EXPECT_NEAR(one[c], all[i * 10 + c], 1e-6);
  }
}

// Every kind of layer that trains, small enough for finite differences: strides, batch norm, a
// residual with a projection, pooling, dense.
Graph tiny_network() {
  zoo::Builder net({.name = "tiny", .input = {6, 6, 2}, .classes = 3});
  constexpr Activation kNone = Activation::none;
  const ValueId x = net.conv_bn(net.input(), 4, "conv1", {.activation = kNone});
  const ValueId y = net.conv_bn(x, 5, "conv2", {.stride = 2, .activation = kNone});
  const ValueId shortcut =
      net.conv(x, 5, "shortcut", {.kernel = 1, .stride = 2, .activation = kNone, .bias = true});
  const ValueId z = net.add(shortcut, y, "add", Activation::relu);
  return net.classify(net.dense(net.global_average(z), 4, "hidden"));
}

struct Batch {
  std::vector<float> inputs = random_numbers(8 * 72, 7, 0.0, 1.0);
  std::vector<int32_t> labels = {0, 1, 2, 0, 1, 2, 1, 1};

  Labelled labelled() const { return {inputs, labels}; }
};

double loss_at(const Graph& graph, const Parameters& parameters, std::vector<float> values,
               const LossOptions& options) {
  const std::span<float> all(values);
  const Batch batch;
  std::vector<float> gradient(parameters.trainable);
  Network network(graph, all.first(parameters.trainable), all.subspan(parameters.trainable));
  return network.gradient(batch.labelled(), options, gradient);
}

// Along a random direction of each parameter: g . d against (loss(w + hd) - loss(w - hd)) / 2h.
TEST(Network, GradientsAreTheLossesSlopes) {
  const Graph graph = tiny_network();
  verify(graph, Level::imported);
  const Parameters parameters = parameters_of(graph);
  const LossOptions options{.label_smoothing = 0.1f, .divisor = 8.0f};
  std::vector<float> gradient(parameters.trainable);
  std::vector<float> values = parameters.values;
  const Batch batch;
  Network(graph, std::span(values).first(parameters.trainable),
          std::span(values).subspan(parameters.trainable))
      .gradient(batch.labelled(), options, gradient);

  constexpr float kStep = 5e-4f;
  for (const Slot& slot : parameters.slots) {
    if (slot.offset >= parameters.trainable) continue;
    const std::vector<float> direction = random_numbers(slot.count, slot.offset, -1.0, 1.0);
    std::vector<float> ahead = parameters.values, behind = parameters.values;
    double slope = 0;
    for (size_t i = 0; i < slot.count; i++) {
      ahead[slot.offset + i] += kStep * direction[i];
      behind[slot.offset + i] -= kStep * direction[i];
      slope += static_cast<double>(gradient[slot.offset + i]) * direction[i];
    }
    const double difference =
        (loss_at(graph, parameters, ahead, options) - loss_at(graph, parameters, behind, options)) /
        (2 * kStep);
    EXPECT_NEAR(slope, difference, 0.02 * std::abs(slope) + 1e-3) << graph.value(slot.value).name;
  }
}

// -y log p - (1 - y) log(1 - p) with p = 1 / (1 + exp(-z)), z = w x + b.
TEST(Network, OneLogitHasTheBinaryCrossEntropy) {
  const double w = 0.7, b = -0.2;
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 1}, {}})};
  const ValueId weight = add_constant(graph, "w", Shape{1, 1}, {static_cast<float>(w)});
  const ValueId bias = add_constant(graph, "b", Shape{1}, {static_cast<float>(b)});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], weight, bias}, "y")};
  const std::vector<float> inputs = {1.0f, -2.0f, 0.5f, 3.0f};
  const std::vector<int32_t> labels = {1, 0, 0, 1};
  double loss = 0, by_w = 0, by_b = 0;
  for (size_t i = 0; i < inputs.size(); i++) {
    const double x = inputs[i], y = labels[i], p = 1 / (1 + std::exp(-(w * x + b)));
    loss -= y * std::log(p) + (1 - y) * std::log(1 - p);
    by_w += (p - y) * x;
    by_b += p - y;
  }
  std::vector<float> gradient(2);
  EXPECT_NEAR(Network(graph).gradient({inputs, labels}, {}, gradient), loss, 1e-5);
  EXPECT_NEAR(gradient[0], by_w, 1e-5);
  EXPECT_NEAR(gradient[1], by_b, 1e-5);
}

TEST(Network, GradientsOfPartsAddUp) {
  const Graph graph = zoo::build("lenet5");  // no batch norm: parts do not see each other
  const std::vector<float> inputs = random_numbers(4 * 784, 8, 0.0, 1.0);
  const std::vector<int32_t> labels = {3, 1, 4, 1};
  const size_t count = parameters_of(graph).trainable;
  std::vector<float> whole(count), first(count), second(count);
  Network network(graph);
  const LossOptions options{.divisor = 4.0f};
  const double loss = network.gradient({inputs, labels}, options, whole);
  const std::span<const float> in(inputs);
  const std::span<const int32_t> of(labels);
  double parts = network.gradient({in.first(784), of.first(1)}, options, first);
  parts += network.gradient({in.subspan(784), of.subspan(1)}, options, second);
  EXPECT_NEAR(loss, parts, 1e-5);
  for (size_t i = 0; i < count; i++) ASSERT_NEAR(whole[i], first[i] + second[i], 1e-5);
}

TEST(Network, Bf16GradientsPointTheSameWay) {
  const Graph graph = tiny_network();
  const Batch batch;
  const size_t count = parameters_of(graph).trainable;
  std::vector<float> exact(count), coarse(count);
  Network(graph).gradient(batch.labelled(), {.divisor = 8.0f}, exact);
  const LossOptions bf16{.divisor = 8.0f, .bf16 = true};
  if (!computes_bf16()) {  // ONEDNN_MAX_CPU_ISA is set
    EXPECT_THROW(Network(graph).gradient(batch.labelled(), bf16, coarse), Error);
    return;
  }
  Network(graph).gradient(batch.labelled(), bf16, coarse);
  double dot = 0, a = 0, b = 0;
  for (size_t i = 0; i < count; i++) {
    dot += static_cast<double>(exact[i]) * coarse[i];
    a += static_cast<double>(exact[i]) * exact[i];
    b += static_cast<double>(coarse[i]) * coarse[i];
  }
  EXPECT_GT(dot / std::sqrt(a * b), 0.99);
}

TEST(Network, TrainingMovesTheStatisticsAndRunningDoesNot) {
  const Graph graph = tiny_network();
  const Parameters parameters = parameters_of(graph);
  std::vector<float> values = parameters.values;
  Network network(graph, std::span(values).first(parameters.trainable),
                  std::span(values).subspan(parameters.trainable));
  const Batch batch;
  std::vector<float> outputs, gradient(parameters.trainable);
  network.run(batch.inputs, 8, outputs);
  EXPECT_EQ(values, parameters.values);
  network.gradient(batch.labelled(), {}, gradient);
  for (size_t i = 0; i < parameters.trainable; i++) ASSERT_EQ(values[i], parameters.values[i]);
  EXPECT_NE(values, parameters.values);
}

// Counted in page faults: the kernel clears a page for each.
TEST(Network, KeepsItsMemoryFromStepToStep) {
#if !defined(__GLIBC__)
  GTEST_SKIP() << "the heap is not glibc's";
#endif
  if (testing::kSanitized) GTEST_SKIP() << "sanitizers bring a heap of their own";
  zoo::Builder net({.name = "wide", .input = {32, 32, 3}, .classes = 10});
  ValueId x = net.input();
  for (const char* name : {"a", "b", "c"}) x = net.conv_bn(x, 32, name);
  const Graph graph = net.classify(net.global_average(x));
  constexpr int64_t kImages = 64;  // the values between the layers are 8 MB each
  const std::vector<float> inputs = random_numbers(kImages * 32 * 32 * 3, 9, 0.0, 1.0);
  const std::vector<int32_t> labels(kImages, 1);
  Network network(graph);
  std::vector<float> outputs, gradient(parameters_of(graph).trainable);
  const auto faults_of = [&](int steps) {
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    std::thread([&] {  // as training does, where glibc has heaps of another kind
      for (int i = 0; i < steps; i++) network.gradient({inputs, labels}, {}, gradient);
      network.run(inputs, kImages, outputs);
    })
        .join();
    getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
  };
  faults_of(3);
  EXPECT_LT(faults_of(5), 10'000) << "of five steps that allocate 20,000 pages each";
}

TEST(Parameters, AreFoundAndStored) {
  Graph graph = tiny_network();
  const Parameters parameters = parameters_of(graph);
  EXPECT_EQ(parameters.values.size() - parameters.trainable, 2u * (4 + 5));
  std::vector<std::string> decaying;
  for (const Slot& slot : parameters.slots)
    if (slot.decays) decaying.push_back(graph.value(slot.value).name);
  EXPECT_EQ(decaying.size(), 5u);  // two convolutions, the shortcut, two dense layers
  for (const std::string& name : decaying) EXPECT_TRUE(name.ends_with("/weights")) << name;

  std::vector<float> values(parameters.values.size());
  for (size_t i = 0; i < values.size(); i++) values[i] = static_cast<float>(i);
  store(parameters, values, graph);
  EXPECT_EQ(parameters_of(graph).values, values);
}

TEST(Parameters, BringTheMasksOfTheirValues) {
  Graph graph = tiny_network();
  const ValueId id = parameters_of(graph).slots[0].value;
  graph.value(id).mask =
      std::make_shared<const Bytes>(element_count(graph.value(id).type.shape), uint8_t{1});
  const Parameters parameters = parameters_of(graph);
  EXPECT_EQ(parameters.slots[0].mask, graph.value(id).mask);
  EXPECT_EQ(parameters.slots[1].mask, nullptr);
  store(parameters, parameters.values, graph);
  EXPECT_EQ(parameters.slots[0].mask, graph.value(id).mask);
}

TEST(Network, NamesTheNodeThatLibtorchCannotRun) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {2, 3}, {}})};
  const ValueId pair = add_constant(graph, "pair", {2, 3}, std::vector<float>(6));
  graph.outputs = {add_node(graph, ops::Add{}, {graph.inputs[0], pair}, "sum")};
  std::vector<float> outputs;
  Network network(graph);
  network.run(std::vector<float>(6), 2, outputs);
  try {  // a batch that the constant does not allow
    network.run(std::vector<float>(9), 3, outputs);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.where, "node 'sum' (Add)") << error.what();
  }
}

TEST(Network, RefusesWhatItCannotRun) {
  Graph graph = tiny_network();
  std::vector<float> outputs;
  EXPECT_THROW(Network(graph).run(std::vector<float>(71), 1, outputs), Error);
  add_node(graph, ops::Quantize{}, {graph.inputs[0]}, "quantized");
  const ValueId quantized = graph.nodes.back().outputs[0];
  add_node(graph, ops::Dequantize{}, {quantized}, "again");
  EXPECT_THROW(Network{graph}, Error);
}

}  // namespace
}  // namespace mote::autograd
