#include "zoo/zoo.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "ir/node.h"
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
    const Cost cost =
        op_def(node.op).cost(node.op, inputs, std::vector{graph.value(node.outputs[0]).type});
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
    {"pico", 3432, 3432 + 46, 191904},
    {"resnet8", 77360, 77360 + 2 * 240 + 96 + 10, 12501632},
    {"resnet20_v1", 270896, 273066, 40813184},
    {"resnet20_v1?depth=56", 851504, 857706, 125747840},
    {"resnet20_v2", 564912, 570602, 66243072},
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

struct Large {
  const char* name;
  int64_t parameters;
  int64_t macs;
};

// ImageNet's networks at their published configurations, as torchvision and Keras count them.
const Large kLarge[] = {
    {"resnet50", 25557032, 4089184256},   {"resnet101", 44549160, 7801405440},
    {"vgg16", 138357544, 15470264320},    {"vgg16_bn", 138365992, 15470264320},
    {"mobilenet_v1", 4231976, 568740352}, {"mobilenet_v2", 3504872, 300774272},
};

TEST(Zoo, TheLargeNetworksHaveTheirPublishedSizes) {
  for (const Large& expected : kLarge) {
    const Graph graph = build(expected.name, {.shapes_only = true});
    SCOPED_TRACE(expected.name);
    EXPECT_EQ(cost_of(graph).parameters, expected.parameters);
    EXPECT_EQ(cost_of(graph).macs, expected.macs);
    EXPECT_EQ(graph.value(graph.inputs.at(0)).type.shape, (Shape{1, 224, 224, 3}));
    EXPECT_EQ(graph.value(graph.outputs.at(0)).type.shape, (Shape{1, 1000}));
  }
}

TEST(Zoo, TheStemDecidesTheCost) {
  const auto millions = [](const std::string& options) {
    const Graph graph = build(options + "&input=32x32x3&classes=10", {.shapes_only = true});
    return std::llround(static_cast<double>(cost_of(graph).macs) / 1e6);
  };
  EXPECT_EQ(millions("resnet50?stem=imagenet"), 83);
  EXPECT_EQ(millions("resnet50?stem=cifar"), 1298);
  EXPECT_EQ(millions("resnet101?stem=imagenet"), 159);
  EXPECT_EQ(millions("vgg16?stem=cifar"), 313);
  EXPECT_EQ(millions("mobilenet_v1?width=0.5&strides=1-2-2-2-2"), 12);
  EXPECT_EQ(millions("mobilenet_v2?width=0.5&strides=1-2-2-2-2"), 8);
}

TEST(Zoo, SmallImagesGetTheirStem) {
  EXPECT_EQ(build("mobilenet_v1?width=0.1", {.input = {32, 32, 3}}),
            build("mobilenet_v1?width=0.1&strides=1-2-1-2-2", {.input = {32, 32, 3}}));
  EXPECT_EQ(build("mobilenet_v1?width=0.1", {.input = {96, 96, 3}}),
            build("mobilenet_v1?width=0.1&strides=2-2-2-2-2", {.input = {96, 96, 3}}));
}

TEST(Zoo, TheFullNameLeavesNothingOpen) {
  EXPECT_EQ(full_name("mobilenet_v1?width=0.5", {.input = {32, 32, 3}, .classes = 10}),
            "zoo:mobilenet_v1?input=32x32x3&classes=10&width=0.5&stem=cifar&strides=1-2-1-2-2");
  EXPECT_EQ(full_name("zoo:vgg16"), "zoo:vgg16?input=224x224x3&classes=1000&width=1&stem=imagenet");
  for (const Entry& entry : entries()) {
    const std::string name = entry.name + "?width=0.3";
    const Options options{.input = {28, 28, 1}, .classes = 7, .shapes_only = true};
    EXPECT_EQ(build(full_name(name, options), {.shapes_only = true}), build(name, options)) << name;
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
    const Graph graph = build(entry.name + "?width=0.2&input=32x32x3&classes=10");
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
  for (const char* name : {"custm",
                           "custom?depth=3",
                           "custom?stem=cifar",
                           "resnet20_v1?depth=21",
                           "resnet20_v2?depth=26",
                           "resnet20_v1?depth=2",
                           "resnet50?stem=none",
                           "vgg16?strides=1",
                           "mobilenet_v1?strides=1-2-2-2",
                           "mobilenet_v1?strides=1-2-2-2-3",
                           "mobilenet_v2?strides=",
                           "custom?width=0",
                           "custom?width=1e9",
                           "custom?",
                           "custom?input=32x32",
                           "custom?input=0x1x1",
                           "custom?classes=0",
                           "custom?classes=10x",
                           "lenet5?input=4x4x1",
                           "zoo:",
                           "custom?width"}) {
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
