// What is chosen for weights of which sparsity, and that no choice makes a program larger.
#include "deploy/storage/packing.h"

#include <gtest/gtest.h>

#include "deploy/lower/lower.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/random_data.h"
#include "tests/support/sparse_weights.h"

namespace mote::deploy {
namespace {

using testing::SparsePattern;
using testing::Sparsity;

Device board() {
  Device device = host_device();
  device.packs_weights = true;
  return device;
}

TensorType int8(Shape shape) {
  return {DType::int8, std::move(shape), per_tensor(0.1f, 3)};
}

// One layer of weights in [-limit, limit]: a convolution over [1, size, size, inputs].
Graph convolution(int32_t size, int32_t inputs, int32_t outputs, int32_t limit,
                  const Sparsity& sparsity) {
  Random random(1, "convolution");
  Graph graph;
  graph.name = "convolution";
  graph.inputs = {add_value(graph, "x", int8({1, size, size, inputs}))};
  TensorType type = int8({outputs, 3, 3, inputs});
  type.quantization->zero_point = {0};
  Bytes weights = testing::random_integers<int8_t>(element_count(type.shape), random, 1, limit);
  const ValueId w = add_constant(graph, "w", type, weights);
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  graph.outputs = {add_node(graph, conv, {graph.inputs[0], w}, "y")};
  graph.value(graph.outputs[0]).type = int8({1, size, size, outputs});
  return testing::with_sparse_weights(std::move(graph), sparsity);
}

Program packed(const Graph& graph) {
  return lower(graph, board(), {.variants = Variants::reference});
}

mote_storage storage(const Program& program) {
  return program.constants.at(0).storage;
}

TEST(Packing, TakesTheSmallestThatHoldsTheWeights) {
  const auto chosen = [](int32_t limit, const Sparsity& sparsity) {
    return storage(packed(convolution(8, 32, 64, limit, sparsity)));
  };
  EXPECT_EQ(chosen(127, {}), MOTE_STORAGE_DENSE8);
  EXPECT_EQ(chosen(7, {}), MOTE_STORAGE_DENSE4);
  EXPECT_EQ(chosen(127, {SparsePattern::unstructured, 0.5}), MOTE_STORAGE_BITMAP);
  EXPECT_EQ(chosen(127, {SparsePattern::blocks_of_four, 0.5}), MOTE_STORAGE_BLOCKS);
  EXPECT_EQ(chosen(127, {SparsePattern::n_of_m, 0.75, 4}), MOTE_STORAGE_N_OF_M);
  EXPECT_EQ(chosen(127, {SparsePattern::n_of_m, 15.0 / 16, 16}), MOTE_STORAGE_N_OF_M);
  EXPECT_EQ(chosen(7, {SparsePattern::unstructured, 0.5}), MOTE_STORAGE_BITMAP4);
  EXPECT_EQ(chosen(7, {SparsePattern::blocks_of_four, 0.5}), MOTE_STORAGE_BLOCKS4);
  EXPECT_EQ(chosen(7, {SparsePattern::n_of_m, 0.75, 4}), MOTE_STORAGE_N_OF_M4);
}

// With 8 bits a bitmap pays from one zero in eight on, with 4 from one in four.
TEST(Packing, NeverTakesMoreThanDenseWeights) {
  for (const int32_t limit : {7, 127})
    for (int percent = 0; percent <= 100; percent += 4) {
      const Graph graph =
          convolution(8, 32, 64, limit, {SparsePattern::unstructured, percent / 100.0});
      const Program program = packed(graph);
      const int64_t dense = 64 * 9 * 32 * (limit == 7 ? 4 : 8) / 8;
      EXPECT_LE(std::ssize(program.constants.at(0).data), dense) << percent;
      if (percent * limit > (limit == 7 ? 30 * 7 : 16 * 127)) {
        EXPECT_LT(std::ssize(program.constants.at(0).data), dense) << percent;
      }
    }
}

TEST(Packing, SkipsZerosWhereThatIsFaster) {
  const Sparsity half{SparsePattern::unstructured, 0.5};
  const Program large = packed(convolution(8, 32, 64, 127, half));
  EXPECT_EQ(large.calls.at(0).variant, "sparse");
  EXPECT_GT(large.constants.at(0).layout.run, 0);
  const Program nearly_dense =
      packed(convolution(8, 32, 64, 127, {SparsePattern::unstructured, 0.0}));
  EXPECT_EQ(nearly_dense.calls.at(0).variant, "reference");
}

// What a decoder saves must be more than what it adds.
TEST(Packing, LeavesTinyLayersAsTheyAre) {
  const Sparsity most{SparsePattern::unstructured, 0.9};
  EXPECT_EQ(storage(packed(convolution(8, 2, 8, 127, most))), MOTE_STORAGE_DENSE8);
  // Enough for a decoder, but not for a second kernel.
  const Program small = packed(convolution(8, 8, 16, 127, most));
  EXPECT_EQ(storage(small), MOTE_STORAGE_BITMAP);
  EXPECT_EQ(small.calls.at(0).variant, "reference");
}

TEST(Packing, OfManyLayersDropsWhatHardlyAnyNeeds) {
  PackingRules rules;
  const std::map<mote_storage, int64_t> bytes = {{MOTE_STORAGE_BITMAP, 1000},
                                                 {MOTE_STORAGE_BLOCKS, 900}};
  std::vector<Packed> packed = {{"conv2d_s8", MOTE_STORAGE_BITMAP, true, 9000, bytes},
                                {"conv2d_s8", MOTE_STORAGE_BLOCKS, true, 9000, bytes}};
  packed[0].sparse_bytes[MOTE_STORAGE_BLOCKS] = 3000;
  EXPECT_TRUE(drop_what_costs_more(packed, rules));
  EXPECT_EQ(rules.refused, (std::vector{MOTE_STORAGE_BLOCKS}));
  packed[1].storage = MOTE_STORAGE_BITMAP;
  EXPECT_FALSE(drop_what_costs_more(packed, rules));
  EXPECT_TRUE(rules.variants);
}

}  // namespace
}  // namespace mote::deploy
