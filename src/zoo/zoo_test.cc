#include "zoo/zoo.h"

#include <gtest/gtest.h>

#include "ir/error.h"
#include "ir/text.h"
#include "ops/op_def.h"
#include "ops/verify.h"

namespace mote::zoo {
namespace {

Cost cost_of(const Graph& graph) {
  Cost sum;
  for (const Node& node : graph.nodes) {
    std::vector<TensorType> inputs;
    for (ValueId id : node.inputs)
      inputs.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
    const Cost cost = op_def(node.op).cost(node.op, inputs, graph.value(node.outputs[0]).type);
    sum.macs += cost.macs;
    sum.parameters += cost.parameters;
  }
  return sum;
}

int64_t weights_of(const Graph& graph) {
  int64_t sum = 0;
  for (const Value& value : graph.values)
    if (value.constant() && value.type.shape.size() > 1) sum += element_count(value.type.shape);
  return sum;
}

struct Expected {
  const char* name;
  int64_t weights;
  int64_t parameters;  // trainable: weights, biases, two per channel of a batch norm
  int64_t macs;
};

// The figures of the literature where there are any: LeNet-5 has 61,706 parameters; MLPerf Tiny's
// resnet8 has 12,501,632 MACs and 77,360 weights.
const Expected kExpected[] = {
    {"custom", 44022, 44022 + 2 * 188 + 10, 3074016},
    {"custom?input=28x28x1", 43626, 43626 + 2 * 188 + 10, 2327880},
    {"lenet5", 61470, 61706, 416520},
    {"resnet8", 77360, 77360 + 2 * 240 + 96 + 10, 12501632},
};

TEST(Zoo, EveryNetworkVerifiesAndHasItsSize) {
  for (const Expected& expected : kExpected) {
    const Graph graph = build(expected.name);
    SCOPED_TRACE(expected.name);
    verify(graph, Level::imported);
    EXPECT_EQ(weights_of(graph), expected.weights);
    EXPECT_EQ(cost_of(graph).parameters, expected.parameters);
    EXPECT_EQ(cost_of(graph).macs, expected.macs);
    EXPECT_EQ(graph.value(graph.outputs.at(0)).type.shape, (Shape{1, 10}));
    EXPECT_EQ(graph.preprocessing.at(0).scale, std::vector<float>{1.0f / 255.0f});
  }
}

TEST(Zoo, CustomFitsItsMemory) {
  const Graph graph = build("custom");
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<ops::Conv2D>(node.op)) continue;
    const int64_t bytes = element_count(graph.value(node.inputs[0]).type.shape) +
                          element_count(graph.value(node.outputs[0]).type.shape);
    EXPECT_LE(bytes, 11264) << describe(node);
  }
}

TEST(Zoo, Resnet8HasTheShapesOfTheBenchmark) {
  const Graph graph = build("zoo:resnet8");
  std::vector<Shape> convolutions;
  for (const Node& node : graph.nodes)
    if (std::holds_alternative<ops::Conv2D>(node.op))
      convolutions.push_back(graph.value(node.outputs[0]).type.shape);
  const Shape s16{1, 32, 32, 16}, s32{1, 16, 16, 32}, s64{1, 8, 8, 64};
  EXPECT_EQ(convolutions, (std::vector<Shape>{s16, s16, s16, s32, s32, s32, s64, s64, s64}));
}

TEST(Zoo, TextFormRoundTrips) {
  for (const Entry& entry : entries()) {
    const Graph graph = build(entry.name);
    const PrintedGraph printed = print(graph);
    EXPECT_EQ(parse(printed.text, printed.constants), graph) << entry.name;
  }
}

TEST(Zoo, TheSeedDecidesTheWeightsAndNothingElse) {
  EXPECT_EQ(build("custom", {{}, 0, 5}), build("custom", {{}, 0, 5}));
  EXPECT_NE(build("custom", {{}, 0, 5}), build("custom"));
}

TEST(Zoo, TheNameGoesBeforeTheOptions) {
  const Graph graph =
      build("zoo:custom?classes=7&width=0.5", {.input = {28, 28, 1}, .classes = 10});
  EXPECT_EQ(graph.value(graph.outputs[0]).type.shape, (Shape{1, 7}));
  EXPECT_EQ(graph.value(graph.inputs[0]).type.shape, (Shape{1, 28, 28, 1}));
  EXPECT_EQ(graph.value(graph.nodes[0].outputs[0]).type.shape, (Shape{1, 14, 14, 11}));
}

TEST(Zoo, WrongNamesAndOptionsAreUsageErrors) {
  for (const char* name :
       {"custm", "custom?depth=3", "custom?width=0", "custom?width=1e9", "custom?",
        "custom?input=32x32", "custom?input=0x1x1", "custom?classes=1", "custom?classes=10x",
        "lenet5?input=4x4x1", "zoo:", "custom?width"}) {
    try {
      build(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage) << name;
      EXPECT_FALSE(error.hint.empty()) << name;
    }
  }
}

}  // namespace
}  // namespace mote::zoo
