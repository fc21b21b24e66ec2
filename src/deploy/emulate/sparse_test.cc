// Sparse weights on emulated devices: the host's bytes, and what they cost in instructions. Layers
// that skip zeros take fewer the more zeros there are; one that decodes to dense tiles takes at
// most 1.15 times those of its dense run. So does one of few bits, in the flash of these. By pairs
// (the DSP extension) a dense use takes an eighth of what it does elsewhere: there only pairs of
// zeros are skipped, and decoding shows more. What prefers flash is decoded bit by bit.
#include <algorithm>

#include <gtest/gtest.h>

#include "deploy/devices/device.h"
#include "deploy/emulate/emulate.h"
#include "deploy/lower/lower.h"
#include "deploy/storage/storage.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/emulator.h"
#include "tests/support/random_data.h"
#include "tests/support/small_graphs.h"
#include "tests/support/sparse_weights.h"

namespace mote::deploy {
namespace {

using testing::SparsePattern;
using testing::Sparsity;

TensorType int8(Shape shape, float scale, int32_t zero_point) {
  return {DType::int8, std::move(shape), per_tensor(scale, zero_point)};
}

// A convolution, one in two groups, which no kernel skips zeros of, and a dense layer; weights in
// [-limit, limit].
Graph network(int32_t limit) {
  Random random(1, "network");
  Graph graph;
  graph.name = "network";
  const auto weights = [&](const char* name, Shape shape) {
    const Bytes bytes =
        testing::random_integers<int8_t>(element_count(shape), random, -limit, limit);
    return add_constant(graph, name, int8(std::move(shape), 0.02f, 0), bytes);
  };
  const auto layer = [&](const Op& op, ValueId input, ValueId w, const char* name, Shape shape) {
    const ValueId id = add_node(graph, op, {input, w}, name);
    graph.value(id).type = int8(std::move(shape), 0.9f, -5);
    return id;
  };
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  ops::Conv2D grouped = conv;
  grouped.groups = 2;
  graph.inputs = {add_value(graph, "x", int8({1, 7, 9, 12}, 0.1f, 3))};
  const ValueId a =
      layer(conv, graph.inputs[0], weights("a_w", {32, 3, 3, 12}), "a", {1, 7, 9, 32});
  const ValueId b = layer(grouped, a, weights("b_w", {32, 3, 3, 16}), "b", {1, 7, 9, 32});
  const ValueId flat = add_node(graph, ops::Reshape{{1, 2016}}, {b}, "flat");
  graph.value(flat).type.quantization = graph.value(b).type.quantization;
  graph.outputs = {layer(ops::FullyConnected{}, flat, weights("y_w", {10, 2016}), "y", {1, 10})};
  return graph;
}

class SparseFirmware : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { MOTE_SKIP_WITHOUT_EMULATOR(); }

  bool by_pairs() const { return std::ranges::count(device.isa, "dsp") > 0; }

  // How much of its dense run's instructions a layer may take that decodes to dense tiles.
  double decoded_share(const std::string& storage) const {
    if (!by_pairs()) return 1.15;
    const bool sparse = storage.starts_with("bitmap") || storage.starts_with("n_of_m");
    return storage == "huffman" ? 1.5 : sparse ? 1.2 : 1.15;
  }

  std::vector<std::string> storages(const Graph& graph) const {
    std::vector<std::string> words;
    for (const WeightsFacts& layer : weights_of(lower(graph, device)))
      words.push_back(layer.storage);
    return words;
  }

  // Instructions of the three layers.
  std::vector<int64_t> run(const Graph& graph) { return run(graph, device); }
  static std::vector<int64_t> run(const Graph& graph, const Device& device) {
    const Program program = lower(graph, device);
    const Program plain = lower(graph, host_device(), {.variants = Variants::reference});
    EXPECT_LE(constant_bytes(program), constant_bytes(plain));
    std::vector<std::vector<Bytes>> samples;
    for (const uint64_t seed : {1, 2}) samples.push_back(testing::random_inputs(plain, seed));
    const EmulationResult result = emulate(program, device, {}, samples);
    for (size_t i = 0; i < samples.size(); i++)
      EXPECT_EQ(result.outputs.at(i), interpret::run(plain, samples[i]));
    std::vector<int64_t> instructions;
    for (const InstructionMix& step : result.steps) instructions.push_back(step.instructions());
    return instructions;
  }

  const Device device = load_device(GetParam());
};

TEST_P(SparseFirmware, TakesFewerInstructionsTheMoreZerosThereAre) {
  for (const int32_t limit : {127, 7}) {
    const std::vector<int64_t> dense = run(network(limit));
    ASSERT_EQ(dense.size(), 3u);
    for (const SparsePattern pattern :
         {SparsePattern::unstructured, SparsePattern::blocks_of_four, SparsePattern::n_of_m}) {
      SCOPED_TRACE(::testing::Message() << limit << ", " << static_cast<int>(pattern));
      const Graph half_graph = testing::with_sparse_weights(network(limit), {pattern, 0.5});
      const Graph most_graph = testing::with_sparse_weights(network(limit), {pattern, 0.875, 8});
      const std::vector<int64_t> half = run(half_graph), most = run(most_graph);
      const auto share = [&](const std::vector<int64_t>& sparse, size_t layer) {
        return static_cast<double>(sparse.at(layer)) / static_cast<double>(dense[layer]);
      };
      const bool blocks = pattern == SparsePattern::blocks_of_four;
      if (!by_pairs()) {
        EXPECT_LT(share(half, 0), 0.8);
        EXPECT_LT(share(most, 0), 0.5);
        EXPECT_LE(share(half, 1), decoded_share(storages(half_graph).at(1)));
        EXPECT_LE(share(most, 1), decoded_share(storages(most_graph).at(1)));
      } else {
        for (const size_t layer : {size_t{0}, size_t{1}}) {
          EXPECT_LT(share(half, layer),
                    blocks ? 1.0 : decoded_share(storages(half_graph).at(layer)));
          EXPECT_LT(share(most, layer), blocks ? 0.65 : 0.9);
        }
      }
      // Of a weight that is used once, to find it costs more than its product: half of them zeros
      // is about where it begins to pay, a little later on the M0.
      EXPECT_LT(share(most, 2), 0.9);
      if (blocks) {
        EXPECT_LT(share(half, 2), 1.3);
        EXPECT_LT(share(most, 2), 0.6);
      }
    }
  }
}

// Dense weights of b bits: the flash of b bits, and hardly more instructions of a layer that uses
// each often.
TEST_P(SparseFirmware, NarrowWeightsTakeTheirBits) {
  const std::vector<int64_t> wide = run(network(127));
  int64_t last_bytes = 0;
  for (int32_t bits = 2; bits <= 8; bits++) {
    SCOPED_TRACE(bits);
    const Graph graph = network((1 << (bits - 1)) - 1);
    const std::vector<int64_t> narrow = run(graph);
    for (const size_t convolution : {size_t{0}, size_t{1}})
      EXPECT_LE(
          static_cast<double>(narrow[convolution]),
          decoded_share(storages(graph).at(convolution)) * static_cast<double>(wide[convolution]));
    const Program program = lower(graph, device);
    int64_t bytes = 0;
    for (const WeightsFacts& layer : weights_of(program)) bytes += layer.bytes;
    EXPECT_LE(bytes, (32 * 9 * 12 + 32 * 9 * 16 + 10 * 2016) / 8 * bits);
    EXPECT_GT(bytes, last_bytes);
    last_bytes = bytes;
  }
}

// One weight in eight, of 3 bits: a bit for each weight that is 0, four or five for others.
TEST_P(SparseFirmware, RangesTakeTheirEntropyAndSoManyInstructions) {
  constexpr int64_t kWeights[] = {32 * 9 * 12, 32 * 9 * 16, 10 * 2016};
  const Graph graph =
      testing::with_sparse_weights(network(3), {SparsePattern::unstructured, 0.875});
  const Device small = load_device(GetParam(), "flash");
  int64_t bytes = 0;
  for (const WeightsFacts& layer : weights_of(lower(graph, small))) {
    EXPECT_EQ(layer.storage, "range") << layer.layer;
    bytes += layer.bytes;
  }
  // 0.544 bits to tell zeros, and an eighth of log2 6.
  EXPECT_LE(static_cast<double>(bytes), (kWeights[0] + kWeights[1] + kWeights[2]) * 0.88 / 8);
  const std::vector<int64_t> dense = run(network(127)), ranges = run(graph, small);
  for (size_t layer = 0; layer < 3; layer++) {
    const auto more = static_cast<double>(ranges[layer] - dense[layer]);
    EXPECT_LE(more / static_cast<double>(kWeights[layer]), 90) << layer;
  }
}

INSTANTIATE_TEST_SUITE_P(, SparseFirmware, ::testing::Values("mps2-an386", "microbit"),
                         [](const auto& info) {
                           return std::string(info.param) == "microbit" ? "M0" : "M4";
                         });

}  // namespace
}  // namespace mote::deploy
