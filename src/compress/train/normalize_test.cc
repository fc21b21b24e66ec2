#include "compress/train/normalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "autograd/network.h"
#include "base/random.h"
#include "compress/quantize/annotate.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

constexpr int32_t kPixelSamples = 8;

std::vector<float> seeded_pixels(const Graph& graph) {
  Random random(1, "pixels");
  std::vector<float> inputs(
      static_cast<size_t>(kPixelSamples * element_count(graph.value(graph.inputs[0]).type.shape)));
  for (float& x : inputs) x = static_cast<float>(random.uniform(0, 1));
  return inputs;
}

std::vector<float> answers(const Graph& graph, std::span<const float> inputs) {
  std::vector<float> outputs;
  autograd::Network(graph).run(inputs, kPixelSamples, outputs);
  return outputs;
}

void expect_close(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++)
    EXPECT_NEAR(actual[i], expected[i], 1e-4 * std::max(1.0f, std::abs(expected[i]))) << i;
}

int64_t count_of_batch_norms(const Graph& graph) {
  return std::ranges::count_if(graph.nodes, [](const Node& node) {
    return std::holds_alternative<ops::BatchNorm>(node.op);
  });
}

TEST(WithBatchNorms, ComputesTheSameAndFoldsBack) {
  for (const char* name : {"custom", "resnet8", "mobilenet_v2?width=0.25", "resnet20_v2"}) {
    Graph graph = zoo::build(name, {.input = {32, 32, 3}, .classes = 10});
    passes::optimize(graph);
    const std::vector<float> inputs = seeded_pixels(graph);
    const Graph normalized = with_batch_norms(graph, inputs, kPixelSamples);
    verify(normalized, Level::imported);
    EXPECT_GT(count_of_batch_norms(normalized), 2) << name;
    expect_close(answers(normalized, inputs), answers(graph, inputs));
    Graph folded = normalized;
    passes::optimize(folded);
    EXPECT_EQ(folded.nodes.size(), graph.nodes.size()) << name;
    expect_close(answers(folded, inputs), answers(graph, inputs));
  }
}

// Its statistics are the batch's: training begins where the network is.
TEST(WithBatchNorms, TrainingSeesTheSameAtFirst) {
  Graph graph = zoo::build("custom", {.input = {32, 32, 3}, .classes = 10});
  passes::optimize(graph);
  const std::vector<float> inputs = seeded_pixels(graph);
  const std::vector<int32_t> labels(kPixelSamples, 3);
  const auto loss = [&](const Graph& network) {
    std::vector<float> gradient(autograd::parameters_of(network).trainable);
    return autograd::Network(network).gradient({inputs, labels}, {}, gradient);
  };
  const double expected = loss(graph);
  EXPECT_NEAR(loss(with_batch_norms(graph, inputs, kPixelSamples)), expected, 1e-3 * expected);
}

TEST(WithBatchNorms, AMaskedChannelStaysZero) {
  Graph graph = zoo::build("custom", {.input = {32, 32, 3}, .classes = 10});
  passes::optimize(graph);
  Value& weights = graph.value(graph.nodes[0].inputs[1]);
  Value& bias = graph.value(graph.nodes[0].inputs[2]);
  std::vector<float> data = float_data(weights), biases = float_data(bias);
  const size_t each = data.size() / biases.size();
  Bytes mask(data.size(), 1);
  std::fill_n(mask.begin(), each, 0);
  std::fill_n(data.begin(), each, 0.0f);
  biases[0] = 0.0f;
  weights.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
  weights.mask = std::make_shared<const Bytes>(mask);
  bias.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(biases)));
  const Graph normalized = with_batch_norms(graph, seeded_pixels(graph), kPixelSamples);
  verify(normalized, Level::imported);
  int32_t masked = 0;
  for (const Value& value : normalized.values)
    if (value.mask && value.type.shape.size() == 1) {
      masked++;
      EXPECT_EQ(float_data(value)[0], 0.0f) << value.name;
      EXPECT_EQ(std::ranges::count(*value.mask, 0), 1) << value.name;
    }
  EXPECT_EQ(masked, 2);  // gamma and beta
}

// One channel of each kind: gamma positive, negative and zero.
TEST(AbsorbBatchNorms, KeepsIntegersAndChangesScales) {
  const std::string head = R"(graph g
input x: float32[1, 2, 1, 1]
  w: float32[3, 1, 1, 1] {scale: [0.25, 0.5, 1], axis: 0, bits: 3} = [0.6, 0.9, 2.6]
)";
  Graph graph = parse(head + R"(c: float32[1, 2, 1, 3] = Conv2D(x, w, _)
  gamma: float32[3] = [2, -0.5, 0]
  beta: float32[3] = [1, 2, 3]
  mean: float32[3] = [0.5, 0.25, 1]
  variance: float32[3] = [3.99, 0.24, 1]
n: float32[1, 2, 1, 3] = BatchNorm(c, gamma, beta, mean, variance) {epsilon: 0.01}
y: float32[1, 2, 1, 3] {scale: 0.125, zero_point: 4} = Relu(n)
output y
)",
                      {});
  const std::vector<float> inputs = {1.25f, -0.5f};
  std::vector<float> before, after;
  autograd::Network(graph).run(inputs, 1, before);
  absorb_batch_norms(graph);
  verify(graph, Level::optimized);
  autograd::Network(graph).run(inputs, 1, after);
  ASSERT_EQ(before.size(), 6u);
  for (size_t i = 0; i < before.size(); i++) EXPECT_NEAR(after[i], before[i], 1e-5) << i;

  const Node& layer = graph.nodes.at(0);
  const Value& weights = graph.value(layer.inputs[1]);
  // Integers 2, 2 and 3; gamma / sqrt(variance + 0.01) is 1, -1 and 0.
  EXPECT_EQ(weights.type.quantization->scale, (std::vector<float>{0.25f, 0.5f, 1}));
  EXPECT_EQ(float_data(weights), (std::vector<float>{0.5f, -1, 0}));
  const std::vector<float> bias = float_data(graph.value(layer.inputs[2]));
  EXPECT_NEAR(bias[0], 1 - 0.5, 1e-6);
  EXPECT_NEAR(bias[1], 2 + 0.25, 1e-6);
  EXPECT_NEAR(bias[2], 3, 1e-6);
}

// Whatever the scales, rounding what is absorbed gives the integers of before, or their negatives.
TEST(AbsorbBatchNorms, NoIntegerChangesInATrainedNetwork) {
  Graph graph = zoo::build("custom", {.input = {32, 32, 3}, .classes = 10});
  passes::optimize(graph);
  const std::vector<float> inputs = seeded_pixels(graph);
  graph = with_annotated_weights(graph, {.weight_bits = 8});
  Graph normalized = with_batch_norms(graph, inputs, kPixelSamples);
  Random random(3, "gamma");
  std::map<std::string, std::vector<float>> gammas;
  for (const Node& node : normalized.nodes) {
    if (!std::holds_alternative<ops::BatchNorm>(node.op)) continue;
    Value& gamma = normalized.value(node.inputs[1]);
    std::vector<float> data = float_data(gamma);
    for (float& g : data) g *= static_cast<float>(random.uniform(-1, 1));
    gamma.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
    gammas[node.origin.substr(0, node.origin.rfind('/'))] = data;
  }
  const auto weights_by_layer = [](const Graph& of) {
    std::map<std::string, Value> result;
    for (const Node& node : of.nodes)
      if (node.inputs.size() > 1 && of.value(node.inputs[1]).type.quantization)
        result[node.origin] = of.value(node.inputs[1]);
    return result;
  };
  const std::map<std::string, Value> before = weights_by_layer(normalized);
  absorb_batch_norms(normalized);
  const std::map<std::string, Value> after = weights_by_layer(normalized);
  ASSERT_GT(gammas.size(), 2u);
  for (const auto& [layer, gamma] : gammas) {
    const Value &from = before.at(layer), &to = after.at(layer);
    const std::vector<float> reals = float_data(from), scaled = float_data(to);
    const size_t each = reals.size() / gamma.size();
    for (size_t i = 0; i < reals.size(); i++) {
      const size_t channel = i / each;
      const double was =
          std::nearbyint(static_cast<double>(reals[i]) / from.type.quantization->scale[channel]);
      const double is = static_cast<double>(scaled[i]) / to.type.quantization->scale[channel];
      EXPECT_NEAR(is, gamma[channel] < 0 ? -was : was, 1e-4) << layer << " " << i;
    }
  }
}

}  // namespace
}  // namespace mote::compress
