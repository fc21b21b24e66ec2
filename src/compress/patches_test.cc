#include "compress/patches.h"

#include <gtest/gtest.h>

#include <cmath>

#include "autograd/network.h"
#include "base/random.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

// The columns of a patch times the weights of a group are what the layer computes, before its
// activation: convolutions, depthwise ones as well, and dense layers.
void expect_outputs(const Graph& graph, const Node& node, const std::vector<float>& input,
                    const std::vector<float>& expected) {
  std::vector<float> patch(patch_size(graph, node));
  const std::vector<float> weights = float_data(graph.value(node.inputs[1]));
  const std::vector<PatchGroup> groups = patch_groups(graph, node);
  const auto outputs = static_cast<size_t>(graph.value(node.outputs[0]).type.shape.back());
  const size_t outputs_of_group = outputs / groups.size();
  EXPECT_EQ(groups.size() == 1, has_patches(graph, node)) << node.origin;
  ASSERT_EQ(patch_count(graph, node, 2) * static_cast<int64_t>(outputs), std::ssize(expected));
  for (int64_t index = 0; index < patch_count(graph, node, 2); index += 7) {
    read_patch(graph, node, input, index, patch);
    for (size_t o = 0; o < outputs; o++) {
      const PatchGroup& group = groups[o / outputs_of_group];
      double sum = 0;  // the zoo's biases are zero
      for (size_t k = 0; k < group.columns.size(); k++)
        sum += static_cast<double>(patch[group.columns[k]]) *
               static_cast<double>(weights[group.weights[o % outputs_of_group][k]]);
      EXPECT_NEAR(expected[static_cast<size_t>(index) * outputs + o], sum,
                  1e-3 * std::max(1.0, std::abs(sum)))
          << node.origin;
    }
  }
}

bool is_layer(const Node& node) {
  return std::holds_alternative<ops::Conv2D>(node.op) ||
         std::holds_alternative<ops::DepthwiseConv2D>(node.op) ||
         std::holds_alternative<ops::FullyConnected>(node.op);
}

void expect_outputs(const Graph& graph, const std::vector<float>& pixels) {
  std::set<ValueId> wanted;
  for (const Node& node : graph.nodes)
    if (is_layer(node)) wanted.insert({node.inputs[0], node.outputs[0]});
  std::map<ValueId, std::vector<float>> values;
  autograd::Network(graph).observe(pixels, 2, wanted, [&](ValueId id, std::span<const float> v) {
    values[id].assign(v.begin(), v.end());
  });
  int32_t layers = 0;
  for (const Node& node : graph.nodes) {
    if (!is_layer(node)) {
      EXPECT_TRUE(patch_groups(graph, node).empty());
      continue;
    }
    layers++;
    expect_outputs(graph, node, values.at(node.inputs[0]), values.at(node.outputs[0]));
  }
  EXPECT_GT(layers, 2) << graph.name;
}

std::vector<float> random_pixels(int32_t count) {
  Random random(1, "pixels");
  std::vector<float> pixels(static_cast<size_t>(count));
  for (float& x : pixels) x = static_cast<float>(random.uniform(0, 1));
  return pixels;
}

TEST(Patches, TimesWeightsAreTheLayersOutputs) {
  for (const char* name : {"resnet8", "lenet5", "mobilenet_v1?width=0.25"})
    expect_outputs(zoo::build(name, {.input = {20, 24, 3}, .classes = 10}),
                   random_pixels(2 * 20 * 24 * 3));
}

// Convolutions of two groups, and depthwise layers that make two channels of each.
TEST(Patches, OfGroupsOfChannels) {
  Graph graph;
  ValueId x = add_value(graph, "x", {DType::float32, {1, 6, 5, 4}, {}});
  graph.inputs = {x};
  const auto weights = [&](const Shape& shape) {
    std::vector<float> numbers = random_pixels(static_cast<int32_t>(element_count(shape)));
    return add_constant(graph, "w", shape, numbers);
  };
  ops::Conv2D conv;
  conv.groups = 2;
  conv.padding = {1, 1, 1, 1};
  x = add_node(graph, conv, {x, weights({6, 3, 3, 2})}, "grouped");
  ops::DepthwiseConv2D depthwise;
  depthwise.stride = {2, 1};
  x = add_node(graph, depthwise, {x, weights({1, 2, 3, 12})}, "twice");
  conv.groups = 12;
  x = add_node(graph, conv, {x, weights({24, 1, 1, 1})}, "each");
  graph.outputs = {x};
  expect_outputs(graph, random_pixels(2 * 6 * 5 * 4));
}

}  // namespace
}  // namespace mote::compress
