#include "compress/prune/prune.h"

#include <gtest/gtest.h>

#include <cmath>

#include "autograd/network.h"
#include "base/random.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/verify.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

// Two dense layers of four weights each, and their masks once they are pruned.
Graph two_layers() {
  return parse(R"(graph g
input x: float32[1, 2]
  a: float32[2, 2] = [1, -2, 3, 4]
y: float32[1, 2] = FullyConnected(x, a, _)
  b: float32[2, 2] = [10, 20, -30, 40]
z: float32[1, 2] = FullyConnected(y, b, _)
output z
)",
               {});
}

Bytes mask_of(const Graph& graph, ValueId id) {
  const Value& value = graph.value(id);
  return value.mask ? *value.mask : Bytes(data_as<float>(value).size(), 1);
}

constexpr ValueId kFirst = 1, kSecond = 3;

TEST(PruneWeights, LayersCompeteByTheirSharesOfWhatIsLeft) {
  Graph graph = two_layers();
  // By hand: squares 1, 4, 9, 16 over the sums of those not smaller, 30, 29, 25, 16; the second
  // layer's are 100 times as large and the same shares, and each tie goes to the first layer.
  prune_weights(graph, {}, 3.0 / 8, {});
  EXPECT_EQ(mask_of(graph, kFirst), (Bytes{0, 0, 1, 1}));
  EXPECT_EQ(mask_of(graph, kSecond), (Bytes{0, 1, 1, 1}));
  EXPECT_EQ(float_data(graph.value(kFirst)), (std::vector<float>{0, 0, 3, 4}));
  EXPECT_EQ(float_data(graph.value(kSecond)), (std::vector<float>{0, 20, -30, 40}));
  verify(graph, Level::imported);
  EXPECT_DOUBLE_EQ(sparsity_of(graph).fraction(), 3.0 / 8);
}

TEST(PruneWeights, OrEachLosesTheSameShare) {
  Graph graph = two_layers();
  prune_weights(graph, {.scope = Scope::layer}, 0.75, {});
  EXPECT_EQ(mask_of(graph, kFirst), (Bytes{0, 0, 0, 1}));
  EXPECT_EQ(mask_of(graph, kSecond), (Bytes{0, 0, 0, 1}));
}

TEST(PruneWeights, ByTheLossThatGoesWithThem) {
  Graph graph = two_layers();
  // Products: 1, 8, 0.9, 1.6 and 50, 40, 90, 0.16.
  const std::vector<float> squares = {1, 2, 0.1f, 0.1f, 0.5f, 0.1f, 0.1f, 0.0001f};
  prune_weights(graph, {.criterion = Criterion::taylor}, 0.5, squares);
  EXPECT_EQ(mask_of(graph, kFirst), (Bytes{0, 1, 0, 0}));
  EXPECT_EQ(mask_of(graph, kSecond), (Bytes{1, 1, 1, 0}));
}

TEST(PruneWeights, WhatIsMaskedStaysSo) {
  Graph graph = two_layers();
  prune_weights(graph, {}, 0.25, {});
  const Bytes before = mask_of(graph, kFirst);
  prune_weights(graph, {}, 0.75, {});
  for (size_t i = 0; i < before.size(); i++) EXPECT_LE(mask_of(graph, kFirst)[i], before[i]);
  EXPECT_DOUBLE_EQ(sparsity_of(graph).fraction(), 0.75);
  prune_weights(graph, {}, 0.5, {});
  EXPECT_DOUBLE_EQ(sparsity_of(graph).fraction(), 0.75);
}

Graph wide_layer(int32_t inputs) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 2, 2, inputs}, {}})};
  Random random(1, "weights");
  std::vector<float> data(static_cast<size_t>(3 * 2 * 2 * inputs));
  for (float& x : data) x = static_cast<float>(random.normal());
  const ValueId w = add_constant(graph, "w", {3, 2, 2, inputs}, data);
  const ValueId y = add_value(graph, "y", {DType::float32, {1, 1, 1, 3}, {}});
  graph.nodes.push_back({ops::Conv2D{}, {graph.inputs[0], w}, {y}, "y"});
  graph.outputs = {y};
  return graph;
}

TEST(PruneWeights, BlocksGoWhole) {
  Graph graph = wide_layer(10);  // ten blocks a channel
  prune_weights(graph, {.what = Pruned::blocks}, 0.5, {});
  const Bytes mask = mask_of(graph, 1);
  int32_t blocks = 0;
  for (size_t begin = 0; begin < mask.size(); begin += 4) {
    const auto first = mask.begin() + static_cast<int64_t>(begin);
    const auto ones = std::count(first, first + 4, 1);
    EXPECT_TRUE(ones == 0 || ones == 4);
    blocks += ones == 0;
  }
  EXPECT_EQ(blocks, 15);
  EXPECT_NEAR(sparsity_of(graph).fraction(), 0.5, 4.0 / 120);
}

TEST(PruneWeights, NOfMKeepsTheLargest) {
  for (const auto& [n, m] : {std::pair(2, 4), std::pair(1, 4), std::pair(3, 8), std::pair(1, 16)}) {
    Graph graph = wide_layer(18);
    const std::vector<float> before = float_data(graph.value(1));
    prune_weights(graph, {.what = Pruned::n_of_m, .n = n, .m = m}, 1, {});
    const std::vector<float> after = float_data(graph.value(1));
    for (size_t row = 0; row < after.size(); row += 72)
      for (size_t begin = 0; begin < 72; begin += static_cast<size_t>(m)) {
        const size_t end = std::min<size_t>(begin + static_cast<size_t>(m), 72);
        float least_kept = INFINITY, largest_gone = 0;
        size_t kept = 0;
        for (size_t i = row + begin; i < row + end; i++) {
          kept += after[i] != 0;
          if (after[i] != 0) least_kept = std::min(least_kept, std::abs(before[i]));
          if (after[i] == 0) largest_gone = std::max(largest_gone, std::abs(before[i]));
        }
        EXPECT_EQ(kept, std::min<size_t>(static_cast<size_t>(n), end - begin));
        EXPECT_GE(least_kept, largest_gone);
      }
  }
}

// A depthwise layer has no input channels side by side.
TEST(PruneWeights, PatternsLeaveDepthwiseLayersAlone) {
  Graph graph = zoo::build("mobilenet_v1?width=0.25", {.input = {32, 32, 3}, .classes = 10});
  prune_weights(graph, {.what = Pruned::blocks}, 0.9, {});
  for (const Node& node : graph.nodes) {
    if (std::holds_alternative<ops::DepthwiseConv2D>(node.op)) {
      EXPECT_EQ(graph.value(node.inputs[1]).mask, nullptr) << node.origin;
    }
  }
  EXPECT_GT(sparsity_of(graph).fraction(), 0.8);
}

TEST(PruneWeights, TheWholeZooToTheSparsityAskedFor) {
  for (const char* name : {"custom", "resnet8", "mobilenet_v2?width=0.25"}) {
    Graph graph = zoo::build(name, {.input = {32, 32, 3}, .classes = 10});
    const int64_t all = sparsity_of(graph).weights;
    for (const double sparsity : {0.0, 0.3, 0.9, 1.0}) {
      prune_weights(graph, {}, sparsity, {});
      verify(graph, Level::imported);
      EXPECT_EQ(sparsity_of(graph).zeros,
                std::llround(std::ceil(sparsity * static_cast<double>(all) - 1e-9)))
          << name;
    }
  }
}

}  // namespace
}  // namespace mote::compress
