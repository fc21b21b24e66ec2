// Storage never changes a bit: decoders against the formulas of docs/arithmetic.md, and every
// reference kernel from packed weights against itself from plain ones, on nodes of seeded odd
// shapes, for tiles that divide the channels and tiles that do not.
#include <gtest/gtest.h>

#include <cmath>

#include "deploy/storage/storage.h"
#include "ops/storage.h"
#include "tests/support/dynamic_oracle.h"
#include "tests/support/packable.h"
#include "tests/support/weighted_nodes.h"

namespace mote {
namespace {

using testing::NodeRun;
using testing::WeightedNode;

// Sign, 5 bits of exponent with bias 15, 10 bits of fraction.
double value_of_half(uint32_t half) {
  const int exponent = static_cast<int>(half / 1024 % 32);
  const double fraction = half % 1024;
  const double magnitude = exponent == 0    ? std::ldexp(fraction, -24)
                           : exponent == 31 ? HUGE_VAL
                                            : std::ldexp(1024 + fraction, exponent - 25);
  return half >= 32768 ? -magnitude : magnitude;
}

bool is_nan(uint32_t half) {
  return half / 1024 % 32 == 31 && half % 1024 != 0;
}

Constant stored(mote_storage storage, Bytes data, WeightLayout layout) {
  return {"weights", {}, storage, std::move(data), layout};
}

TEST(Storage, F16DecodesEveryPattern) {
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); i++) all[i] = static_cast<uint16_t>(i);
  const Constant constant =
      stored(MOTE_STORAGE_F16, to_bytes(std::span<const uint16_t>(all)), {1, 65536, 1, 65536, 0});
  const mote_weights weights = stored_weights(constant);
  std::vector<float> decoded(all.size());
  weights.decode(&weights, 0, 65536, decoded.data());
  for (uint32_t half = 0; half < all.size(); half++) {
    if (is_nan(half)) {
      EXPECT_TRUE(std::isnan(decoded[half])) << half;
    } else {
      EXPECT_EQ(decoded[half], static_cast<float>(value_of_half(half))) << half;
    }
    EXPECT_EQ(std::signbit(decoded[half]), half >= 32768) << half;
  }
}

TEST(Storage, Dense4DecodesEveryPair) {
  std::vector<int8_t> weights, expected;
  for (int first = -8; first < 8; first++)
    for (int second = -8; second < 8; second++) {
      weights.push_back(static_cast<int8_t>(first));
      weights.push_back(static_cast<int8_t>(second));
    }
  const std::optional<Bytes> data = deploy::encode_dense4(weights);
  ASSERT_TRUE(data);
  // TFLite's order: the first of two in the low four bits.
  EXPECT_EQ(data->size(), 256u);
  EXPECT_EQ(data->at(0), 0x88);
  EXPECT_EQ(data->at(1), 0x98);
  const Constant constant = stored(MOTE_STORAGE_DENSE4, *data, {1, 512, 1, 512, 0});
  const mote_weights packed = stored_weights(constant);
  std::vector<int8_t> decoded(512);
  packed.decode(&packed, 0, 512, decoded.data());
  EXPECT_EQ(decoded, weights);
}

// A tile in the middle of [3, 5, 7]: from each of the outer rows its channels.
TEST(Storage, ATileIsDense) {
  std::vector<int8_t> small(105);
  std::vector<float> real(105);
  for (size_t i = 0; i < small.size(); i++) {
    small[i] = static_cast<int8_t>(i % 16) - 8;
    real[i] = static_cast<float>(i) / 8 - 3;
  }
  const WeightLayout layout = {3, 5, 7, 2, 0};
  const Constant f16 = stored(MOTE_STORAGE_F16, *deploy::encode_f16(real), layout);
  const Constant dense4 = stored(MOTE_STORAGE_DENSE4, *deploy::encode_dense4(small), layout);
  std::vector<float> real_tile(42);
  std::vector<int8_t> small_tile(42);
  const mote_weights real_weights = stored_weights(f16), small_weights = stored_weights(dense4);
  real_weights.decode(&real_weights, 1, 3, real_tile.data());
  small_weights.decode(&small_weights, 1, 3, small_tile.data());
  for (size_t i = 0; i < 42; i++) {
    const size_t from = i / 14 * 35 + 7 + i % 14;
    EXPECT_EQ(real_tile[i], real[from]);
    EXPECT_EQ(small_tile[i], small[from]);
  }
}

TEST(Storage, EncodersTakeOnlyWhatTheyCanHold) {
  const float least = 0x1p-24f, largest = 65504.0f;
  EXPECT_TRUE(deploy::encode_f16(std::vector<float>{0.0f, -0.0f, least, largest, -HUGE_VALF}));
  for (const float value : {least / 2, largest + 8, 1.0f / 3, 1 + 0x1p-11f, 70000.0f})
    EXPECT_FALSE(deploy::encode_f16(std::vector<float>{value})) << value;
  EXPECT_TRUE(deploy::encode_dense4(std::vector<int8_t>{-8, 7, 0}));
  EXPECT_FALSE(deploy::encode_dense4(std::vector<int8_t>{-9}));
  EXPECT_FALSE(deploy::encode_dense4(std::vector<int8_t>{8}));
}

bool is_packed(const NodeRun& run, DType weights) {
  const mote_storage expected = weights == DType::float16 ? MOTE_STORAGE_F16 : MOTE_STORAGE_DENSE4;
  return std::ranges::any_of(
      run.constants(), [&](const Constant& constant) { return constant.storage == expected; });
}

Bytes run_packed(const Graph& graph, const Bytes& input, const testing::RunOptions& options,
                 bool expect_packed) {
  NodeRun run(graph, options);
  EXPECT_EQ(is_packed(run, graph.value(graph.nodes[0].inputs[1]).type.dtype), expect_packed);
  run.value(graph.inputs[0]) = input;
  run.run();
  return run.value(graph.outputs[0]);
}

// Of every combination of types that there is a kernel for.
std::vector<Graph> graphs_of(const WeightedNode& node, Random& random) {
  std::vector<Graph> graphs;
  for (const DType type : {DType::float32, DType::int8, DType::int16})
    graphs.push_back(testing::random_graph(node, type, random));
  if (op_def(node.op).quantize_inputs_for != nullptr)  // there is a kernel for float activations
    graphs.push_back(testing::random_dynamic_graph(node, random));
  for (Graph& graph : graphs) graph = testing::with_packable_weights(std::move(graph));
  return graphs;
}

template <class AnyNode>
void expect_same_packed(const AnyNode& any_node, int count) {
  Random random(11, "storage");
  for (int i = 0; i < count; i++) {
    const WeightedNode node = any_node(random);
    const int32_t channels = node.weights[static_cast<size_t>(node.channel_axis)];
    for (const Graph& graph : graphs_of(node, random)) {
      const DType input_type = graph.value(graph.inputs[0]).type.dtype;
      const DType type = graph.value(graph.nodes[0].inputs[1]).type.dtype;
      SCOPED_TRACE(::testing::Message()
                   << i << ": " << name_of(input_type) << to_string(node.input) << ", weights "
                   << name_of(type) << to_string(node.weights));
      const Bytes input = testing::random_input(graph, random);
      const Bytes expected = testing::run_node(testing::with_wide_constants(graph), {{input}});
      ASSERT_EQ(testing::run_node(graph, {{input}}), expected);
      const bool smaller = element_count(node.weights) > 1 || type == DType::float16;
      for (const int32_t tile : {1, 2, 3, 7, channels})
        for (const int32_t rows : {0, 1})
          ASSERT_EQ(
              run_packed(graph, input, {.rows_at_once = rows, .packed_channels = tile}, smaller),
              expected)
              << "tiles of " << tile << " channels, " << rows << " rows at once";
    }
  }
}

TEST(Storage, OfConv2DChangesNoBit) {
  expect_same_packed(testing::any_conv2d, 60);
}

TEST(Storage, OfDepthwiseConv2DChangesNoBit) {
  expect_same_packed(
      [](Random& random) {
        return testing::any_depthwise_conv2d(random, testing::between(random, 1, 3));
      },
      60);
}

TEST(Storage, OfTransposeConvChangesNoBit) {
  expect_same_packed(testing::any_transpose_conv, 60);
}

TEST(Storage, OfFullyConnectedChangesNoBit) {
  expect_same_packed(testing::any_fully_connected, 60);
}

}  // namespace
}  // namespace mote
