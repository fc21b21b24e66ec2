#include "compress/train/normalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "autograd/network.h"
#include "base/random.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

constexpr int32_t kCount = 8;

std::vector<float> pixels(const Graph& graph) {
  Random random(1, "pixels");
  std::vector<float> inputs(
      static_cast<size_t>(kCount * element_count(graph.value(graph.inputs[0]).type.shape)));
  for (float& x : inputs) x = static_cast<float>(random.uniform(0, 1));
  return inputs;
}

std::vector<float> answers(const Graph& graph, std::span<const float> inputs) {
  std::vector<float> outputs;
  autograd::Network(graph).run(inputs, kCount, outputs);
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
    const std::vector<float> inputs = pixels(graph);
    const Graph normalized = with_batch_norms(graph, inputs, kCount);
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
  const std::vector<float> inputs = pixels(graph);
  const std::vector<int32_t> labels(kCount, 3);
  const auto loss = [&](const Graph& network) {
    std::vector<float> gradient(autograd::parameters_of(network).trainable);
    return autograd::Network(network).gradient({inputs, labels}, {}, gradient);
  };
  const double expected = loss(graph);
  EXPECT_NEAR(loss(with_batch_norms(graph, inputs, kCount)), expected, 1e-3 * expected);
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
  const Graph normalized = with_batch_norms(graph, pixels(graph), kCount);
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

}  // namespace
}  // namespace mote::compress
