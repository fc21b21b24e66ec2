#include "compress/equalize/equalize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "compress/node_runner.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

using Numbers = std::vector<float>;

int32_t equalize_on(Graph& graph, EqualizeBy by, const Numbers& samples) {
  const std::vector<Bytes> inputs{to_bytes(std::span<const float>(samples))};
  const int64_t each = element_count(graph.value(graph.inputs[0]).type.shape);
  return equalize(graph, by, {inputs, static_cast<int32_t>(std::ssize(samples) / each)});
}

// x [1, 1] -> dense {4, 1}, {4, 2} with the activation -> dense {1, 4} of one output
Graph pair(Activation activation) {
  Graph graph;
  ValueId x = add_value(graph, "x", {DType::float32, {1, 1}, {}});
  graph.inputs = {x};
  ops::FullyConnected first;
  first.activation = activation;
  const ValueId w1 = add_constant(graph, "w1", Shape{2, 1}, Numbers{4, 1});
  const ValueId b1 = add_constant(graph, "b1", Shape{2}, Numbers{4, 2});
  x = add_node(graph, first, {x, w1, b1}, "f1");
  const ValueId w2 = add_constant(graph, "w2", Shape{1, 2}, Numbers{1, 4});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, w2}, "f2")};
  return graph;
}

Numbers operand(const Graph& graph, size_t node, size_t index) {
  return float_data(graph.value(graph.nodes.at(node).inputs.at(index)));
}

void expect_near(const Numbers& actual, const Numbers& expected, double tolerance = 2e-3) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); i++)
    EXPECT_NEAR(actual[i], expected[i], tolerance * std::max(1.0f, std::abs(expected[i]))) << i;
}

// r = {4, 1}, w = {1, 4}: s = sqrt(r / w) = {2, 1/2}.
TEST(Equalize, APairMeetsInTheMiddle) {
  for (const Activation activation : {Activation::none, Activation::relu}) {
    Graph graph = pair(activation);
    EXPECT_EQ(equalize_on(graph, EqualizeBy::weights, {1.0f}), 2);
    expect_near(operand(graph, 0, 1), {2, 2});
    expect_near(operand(graph, 0, 2), {2, 4});
    expect_near(operand(graph, 1, 1), {2, 2});
  }
}

// On the samples 1 and -3 the first layer gives {8, 3} and {0, 0}: s = {sqrt(8), sqrt(3 / 4)}.
TEST(Equalize, ByActivations) {
  Graph graph = pair(Activation::relu);
  equalize_on(graph, EqualizeBy::activations, {1.0f, -3.0f});
  const float a = std::sqrt(8.0f), b = std::sqrt(0.75f);
  expect_near(operand(graph, 0, 1), {4 / a, 1 / b});
  expect_near(operand(graph, 1, 1), {a, 4 * b});
}

// 4 x + 4 is 8 at 1, which the clip makes 6: that channel stays. The other one reaches 3, may
// become 6 there, and would like a factor of 1/2, which is just allowed; at 2 it reaches 4.
TEST(Equalize, WhatReachesAClipStaysAndNothingNewReachesIt) {
  Graph graph = pair(Activation::relu6);
  EXPECT_EQ(equalize_on(graph, EqualizeBy::weights, {1.0f}), 1);
  expect_near(operand(graph, 0, 1), {4, 2});
  graph = pair(Activation::relu6);
  EXPECT_EQ(equalize_on(graph, EqualizeBy::weights, {1.0f, 2.0f}), 1);
  expect_near(operand(graph, 0, 1), {4, 1.5f});
  expect_near(operand(graph, 1, 1), {1, 4 / 1.5f});
}

TEST(Equalize, OtherClipsAreLeftAlone) {
  Graph graph = pair(Activation::relu_n1_to_1);
  EXPECT_EQ(equalize_on(graph, EqualizeBy::weights, {1.0f}), 0);
  EXPECT_EQ(graph, pair(Activation::relu_n1_to_1));
}

// 8, 1 and 27 around a depthwise layer all become their geometric mean, 6.
TEST(Equalize, DepthwiseTriples) {
  Graph graph;
  ValueId x = add_value(graph, "x", {DType::float32, {1, 1, 1, 1}, {}});
  graph.inputs = {x};
  const auto weight = [&](float number) {
    return add_constant(graph, "w", Shape{1, 1, 1, 1}, Numbers{number});
  };
  x = add_node(graph, ops::Conv2D{}, {x, weight(8)}, "a");
  x = add_node(graph, ops::DepthwiseConv2D{}, {x, weight(-1)}, "b");
  graph.outputs = {add_node(graph, ops::Conv2D{}, {x, weight(27)}, "c")};
  EXPECT_EQ(equalize_on(graph, EqualizeBy::weights, {1.0f}), 2);
  expect_near(operand(graph, 0, 1), {6});
  expect_near(operand(graph, 1, 1), {-6});
  expect_near(operand(graph, 2, 1), {6});
}

TEST(Equalize, NeedsSamples) {
  Graph graph = pair(Activation::relu);
  EXPECT_THROW(equalize(graph, EqualizeBy::weights, {}), Error);
}

Numbers outputs_of(const Graph& graph, const Numbers& samples, int32_t count) {
  Activations activations{{graph.inputs[0], samples}};
  for (const Node& node : graph.nodes) run_node(graph, node, count, activations);
  return activations.at(graph.outputs[0]);
}

// Residual additions, pooling, depthwise layers and Relu6: the samples give the same logits.
TEST(Equalize, NetworksStayTheSameOnTheSamples) {
  for (const char* name : {"resnet8", "mobilenet_v1?width=0.25", "mobilenet_v2?width=0.25"})
    for (const EqualizeBy by : {EqualizeBy::weights, EqualizeBy::activations}) {
      Graph graph = zoo::build(name, {.input = {16, 16, 3}, .classes = 10, .seed = 1});
      passes::optimize(graph);
      graph.outputs = {graph.nodes.back().inputs[0]};  // the logits
      eliminate_dead(graph);
      Random random(2, "equalize");
      Numbers samples(4 * 16 * 16 * 3);
      for (float& sample : samples) sample = static_cast<float>(random.uniform(0, 255));
      const Numbers before = outputs_of(graph, samples, 4);
      const double largest =
          std::abs(*std::ranges::max_element(before, {}, [](float x) { return std::abs(x); }));
      EXPECT_GT(equalize_on(graph, by, samples), 50) << name;
      const Numbers after = outputs_of(graph, samples, 4);
      for (size_t i = 0; i < before.size(); i++)
        EXPECT_NEAR(after[i], before[i], 1e-3 * largest) << name;
    }
}

}  // namespace
}  // namespace mote::compress
