// What is chosen for weights of which sparsity, and that no choice makes a program larger.
#include "deploy/storage/packing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/places.h"
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

// One layer of weights in [-limit, limit], none of them 0 but for `sparsity`: a convolution over
// [1, size, size, inputs].
Graph convolution(int32_t size, int32_t inputs, int32_t outputs, int32_t limit,
                  const Sparsity& sparsity) {
  Random random(1, "convolution");
  Graph graph;
  graph.name = "convolution";
  graph.inputs = {add_value(graph, "x", int8({1, size, size, inputs}))};
  TensorType type = int8({outputs, 3, 3, inputs});
  type.quantization->zero_point = {0};
  Bytes weights = testing::random_integers<int8_t>(element_count(type.shape), random, 1, limit);
  for (size_t i = 0; i < weights.size(); i += 2) weights[i] = static_cast<uint8_t>(-weights[i]);
  const ValueId w = add_constant(graph, "w", type, weights);
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  graph.outputs = {add_node(graph, conv, {graph.inputs[0], w}, "y")};
  graph.value(graph.outputs[0]).type = int8({1, size, size, outputs});
  return testing::with_sparse_weights(std::move(graph), sparsity);
}

Program packed(const Graph& graph, Preference prefer = Preference::balance) {
  Device device = board();
  device.prefer = prefer;
  return lower(graph, device, {.variants = Variants::reference});
}

mote_storage storage(const Program& program) {
  return program.constants.at(0).storage;
}

TEST(Packing, TakesTheSmallestThatHoldsTheWeights) {
  const auto chosen = [](int32_t limit, const Sparsity& sparsity) {
    return storage(packed(convolution(8, 32, 64, limit, sparsity)));
  };
  EXPECT_EQ(chosen(127, {}), MOTE_STORAGE_DENSE8);
  EXPECT_EQ(chosen(63, {}), MOTE_STORAGE_DENSE7);
  EXPECT_EQ(chosen(31, {}), MOTE_STORAGE_DENSE6);
  EXPECT_EQ(chosen(15, {}), MOTE_STORAGE_DENSE5);
  EXPECT_EQ(chosen(7, {}), MOTE_STORAGE_DENSE4);
  EXPECT_EQ(chosen(127, {SparsePattern::unstructured, 0.5}), MOTE_STORAGE_BITMAP);
  EXPECT_EQ(chosen(127, {SparsePattern::blocks_of_four, 0.5}), MOTE_STORAGE_BLOCKS);
  EXPECT_EQ(chosen(127, {SparsePattern::n_of_m, 0.75, 4}), MOTE_STORAGE_N_OF_M);
  EXPECT_EQ(chosen(127, {SparsePattern::n_of_m, 15.0 / 16, 16}), MOTE_STORAGE_N_OF_M);
  EXPECT_EQ(chosen(7, {SparsePattern::unstructured, 0.5}), MOTE_STORAGE_BITMAP4);
  EXPECT_EQ(chosen(7, {SparsePattern::blocks_of_four, 0.5}), MOTE_STORAGE_BLOCKS4);
  EXPECT_EQ(chosen(7, {SparsePattern::n_of_m, 0.75, 4}), MOTE_STORAGE_N_OF_M4);
}

// Of few positions, a layer decodes each weight for few uses: there no slow storage is taken.
TEST(Packing, TakesSlowStoragesOnlyWhereTheyDoNotShow) {
  const auto chosen = [](int32_t size, int32_t limit, double zeros) {
    return storage(packed(convolution(size, 32, 64, limit, {SparsePattern::unstructured, zeros})));
  };
  EXPECT_EQ(chosen(8, 3, 1.0 / 3), MOTE_STORAGE_HUFFMAN);
  EXPECT_EQ(chosen(2, 3, 1.0 / 3), MOTE_STORAGE_DENSE3);
  EXPECT_EQ(chosen(8, 1, 1.0 / 3), MOTE_STORAGE_RANGE);  // zeros that lie together
  EXPECT_EQ(chosen(2, 1, 1.0 / 3), MOTE_STORAGE_DENSE2);
  EXPECT_EQ(chosen(8, 1, 0), MOTE_STORAGE_PALETTE);
}

// Where flash counts, they are taken wherever they save more than a decoder: of eight weights one
// that is not 0 takes less than the bit that each has in other storages.
TEST(Packing, TakesTheSmallestWhereFlashIsPreferred) {
  const auto chosen = [](int32_t inputs, int32_t limit, double zeros, Preference prefer) {
    return storage(
        packed(convolution(2, inputs, 64, limit, {SparsePattern::unstructured, zeros}), prefer));
  };
  EXPECT_EQ(chosen(32, 7, 0.875, Preference::balance), MOTE_STORAGE_BITMAP4);
  EXPECT_EQ(chosen(32, 7, 0.875, Preference::flash), MOTE_STORAGE_RANGE);
  EXPECT_EQ(chosen(32, 3, 1.0 / 3, Preference::balance), MOTE_STORAGE_DENSE3);
  EXPECT_EQ(chosen(32, 3, 1.0 / 3, Preference::flash), MOTE_STORAGE_RANGE);
  EXPECT_EQ(chosen(4, 7, 0.875, Preference::flash), MOTE_STORAGE_RANGE);
  EXPECT_EQ(chosen(1, 7, 0.875, Preference::flash), MOTE_STORAGE_HUFFMAN);  // a shorter decoder
  EXPECT_EQ(chosen(32, 127, 0, Preference::flash), MOTE_STORAGE_DENSE8);
  const Program half =
      packed(convolution(8, 32, 64, 7, {SparsePattern::unstructured, 0.5}), Preference::flash);
  EXPECT_EQ(storage(half), MOTE_STORAGE_RANGE);
  EXPECT_EQ(half.calls.at(0).variant, "reference");
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

// The layer of convolution() with a bias, and behind it a dense layer without one.
Program with_biases(int32_t limit, const Sparsity& sparsity) {
  Graph graph = convolution(8, 32, 64, limit, sparsity);
  TensorType bias{DType::int32, {64}, per_tensor(0.01f, 0)};
  graph.nodes[0].inputs.push_back(
      add_constant(graph, "b", bias, to_bytes<int32_t>(std::vector<int32_t>(64, 5))));
  const ValueId flat =
      add_node(graph, ops::Reshape{.shape = {1, 4096}}, {graph.outputs[0]}, "flat");
  graph.value(flat).type = int8({1, 4096});
  TensorType dense = int8({3, 4096});
  dense.quantization->zero_point = {0};
  Random random(2, "dense");
  const ValueId w = add_constant(graph, "dense", dense,
                                 testing::random_integers<int8_t>(3 * 4096, random, 100, 127));
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {flat, w, kNoValue}, "classes")};
  graph.value(graph.outputs[0]).type = int8({1, 3});
  return packed(graph);
}

// What each storage has of values and masks, by its definition; the parts are the whole.
TEST(Packing, TellsValuesMasksAndBiasesApart) {
  constexpr int64_t kChannels = 64, kInner = 9 * 32, kWeights = kChannels * kInner;
  struct Case {
    int32_t limit;
    Sparsity sparsity;
    mote_storage storage;
    int64_t values, masks;
  };
  const Case cases[] = {
      {127, {}, MOTE_STORAGE_DENSE8, kWeights, 0},
      {7, {}, MOTE_STORAGE_DENSE4, kWeights / 2, 0},
      {15, {}, MOTE_STORAGE_DENSE5, kWeights / 8 * 5, 0},
      {127, {SparsePattern::unstructured, 0.5}, MOTE_STORAGE_BITMAP, kWeights / 2, kWeights / 8},
      {7, {SparsePattern::unstructured, 0.5}, MOTE_STORAGE_BITMAP4, kWeights / 4, kWeights / 8},
      {127, {SparsePattern::blocks_of_four, 0.5}, MOTE_STORAGE_BLOCKS, kWeights / 2, kWeights / 32},
      {7, {SparsePattern::blocks_of_four, 0.5}, MOTE_STORAGE_BLOCKS4, kWeights / 4, kWeights / 32},
      // 1 of 4: a place of 2 bits for each, N and M before them and a byte behind
      {127, {SparsePattern::n_of_m, 0.75, 4}, MOTE_STORAGE_N_OF_M, kWeights / 4, kWeights / 16 + 3},
      {7, {SparsePattern::n_of_m, 0.75, 4}, MOTE_STORAGE_N_OF_M4, kWeights / 8, kWeights / 16 + 3},
  };
  for (const Case& c : cases) {
    const Program program = with_biases(c.limit, c.sparsity);
    ASSERT_EQ(storage(program), c.storage);
    SCOPED_TRACE(storage_of(program.constants[0]).name);
    const std::vector<ConstantBytes> calls = constants_by_call(program);
    ASSERT_EQ(calls.size(), 2u);
    const ConstantBytes& conv = calls[0];
    EXPECT_EQ(conv, (ConstantBytes{c.values, c.masks, 4 * kChannels, (4 + 1) * kChannels}));
    EXPECT_EQ(calls[1], (ConstantBytes{3 * 4096, 0, 0, (4 + 1) * 3}));
    EXPECT_EQ(calls[0].sum() + calls[1].sum(), constant_bytes(program));
    EXPECT_EQ(weights_of(program).at(0).mask_bytes, c.masks);
  }
}

// A constant that two calls share is there once.
TEST(Packing, CountsWhatIsSharedOnce) {
  Graph graph = convolution(8, 32, 32, 127, {});
  const Node conv = graph.nodes[0];
  const ValueId again = add_node(graph, conv.op, {graph.outputs[0], conv.inputs[1]}, "z");
  graph.value(again).type = graph.value(graph.outputs[0]).type;
  graph.outputs = {again};
  const Program program = packed(graph);
  const std::vector<ConstantBytes> calls = constants_by_call(program);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].values, 32 * 9 * 32);
  EXPECT_EQ(calls[1], ConstantBytes{});
  EXPECT_EQ(calls[0].sum(), constant_bytes(program));
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

// By pairs, two weights are skipped or none, and the same storages are chosen as elsewhere.
TEST(Packing, SkipsPairsOfZeros) {
  Device m4 = board();
  m4.isa = {"any", "dsp"};
  const auto chosen = [&](const Sparsity& sparsity) {
    const Graph graph = convolution(8, 32, 64, 127, sparsity);
    const Program program = lower(graph, m4);
    EXPECT_EQ(storage(program), storage(packed(graph)));
    return program.calls.at(0).variant;
  };
  EXPECT_EQ(chosen({SparsePattern::blocks_of_four, 0.5}), "sparse_dsp");
  EXPECT_EQ(chosen({SparsePattern::unstructured, 0.875}), "sparse_dsp");
  EXPECT_EQ(chosen({SparsePattern::n_of_m, 0.5, 2}), "dsp");
  EXPECT_EQ(chosen({}), "dsp");
}

// Kernels by pairs never take a channel alone where there are two.
TEST(Packing, TilesAreOfEvenChannelsByPairs) {
  Device m4 = board();
  m4.isa = {"any", "dsp"};
  for (const int32_t inputs : {4, 25, 64, 128, 300}) {
    const Program program = lower(convolution(4, inputs, 10, 7, {}), m4);
    ASSERT_EQ(storage(program), MOTE_STORAGE_DENSE4);
    EXPECT_EQ(program.constants.at(0).layout.tile_channels % 2, 0) << inputs;
  }
}

// Behind it a layer of few weights, of which neither 3 bits each nor a palette pay: that both are
// given up does not make the bitmap of the large layer, which is larger than they are, any better.
TEST(Packing, TakesNoLargerStorageForWhatASmallLayerCannotPay) {
  Graph graph = convolution(8, 64, 64, 3, {SparsePattern::unstructured, 0.47});
  TensorType type = int8({10, 1, 1, 64});
  type.quantization->zero_point = {0};
  Random random(3, "small");
  const ValueId w =
      add_constant(graph, "small", type, testing::random_integers<int8_t>(640, random, -3, 3));
  ops::Conv2D conv;
  conv.stride = {8, 8};
  graph.outputs = {add_node(graph, conv, {graph.outputs[0], w}, "z")};
  graph.value(graph.outputs[0]).type = int8({1, 1, 1, 10});
  Device device = board();
  for (const auto& isa : {std::vector<std::string>{"any"}, {"any", "dsp"}}) {
    device.isa = isa;
    EXPECT_EQ(storage(lower(graph, device)), MOTE_STORAGE_HUFFMAN) << isa.back();
  }
}

// What a decoder saves must be more than what it adds, but the short one of dense4 always goes.
TEST(Packing, LeavesTinyLayersAsTheyAre) {
  const Sparsity most{SparsePattern::unstructured, 0.9};
  EXPECT_EQ(storage(packed(convolution(8, 2, 8, 127, most))), MOTE_STORAGE_DENSE8);
  EXPECT_EQ(storage(packed(convolution(8, 2, 8, 31, {}))), MOTE_STORAGE_DENSE8);
  EXPECT_EQ(storage(packed(convolution(8, 2, 8, 3, {}))), MOTE_STORAGE_DENSE4);
  // Enough for a decoder, but not for a second kernel.
  const Program small = packed(convolution(8, 8, 16, 127, most));
  EXPECT_EQ(storage(small), MOTE_STORAGE_RANGE);
  EXPECT_EQ(small.calls.at(0).variant, "reference");
}

// Shorter codes save hardly any of them, and would take scratch and time.
TEST(Packing, LeavesTrainedWeightsOfEightBitsAsTheyAre) {
  for (const char* data : {"mnist", "fashion-mnist", "cifar-10"}) {
    const std::string file = fmt::format("results/custom/{}/int8.tflite", data);
    const Program program = packed(formats::read_model(source_path(file)));
    for (const WeightsFacts& layer : weights_of(program))
      EXPECT_EQ(layer.storage, "dense8") << file << " " << layer.layer;
  }
}

TEST(Packing, OfManyLayersDropsWhatHardlyAnyNeeds) {
  PackingRules rules;
  const std::map<mote_storage, int64_t> bytes = {{MOTE_STORAGE_BITMAP, 1000},
                                                 {MOTE_STORAGE_BLOCKS, 900}};
  const Kernel* sparse = &find_kernel("conv2d_s8", "sparse");
  std::vector<Packed> packed = {{MOTE_STORAGE_BITMAP, sparse, 9000, bytes},
                                {MOTE_STORAGE_BLOCKS, sparse, 9000, bytes}};
  packed[0].bytes[MOTE_STORAGE_BLOCKS] = 3000;
  EXPECT_TRUE(drop_what_costs_more(packed, rules));
  EXPECT_EQ(rules.refused, (std::vector{MOTE_STORAGE_BLOCKS}));
  packed[1].storage = MOTE_STORAGE_BITMAP;
  EXPECT_FALSE(drop_what_costs_more(packed, rules));
  EXPECT_TRUE(rules.variants);
}

// Of 1,000 weights the storage of 300 bytes and a decoder of 400, or that of 375 and one of 300;
// two such layers share a decoder.
TEST(Packing, CountsDecodersWhereFlashIsPreferred) {
  const Packed layer{
      MOTE_STORAGE_RANGE,
      nullptr,
      1000,
      {{MOTE_STORAGE_RANGE, 300}, {MOTE_STORAGE_DENSE3, 375}, {MOTE_STORAGE_DENSE4, 500}}};
  PackingRules rules{.prefer = Preference::flash};
  const std::vector<Packed> one = {layer}, two = {layer, layer};
  EXPECT_TRUE(drop_what_costs_more(one, rules));
  EXPECT_EQ(rules.refused, (std::vector{MOTE_STORAGE_DENSE4, MOTE_STORAGE_RANGE}));
  rules.refused = {};
  EXPECT_TRUE(drop_what_costs_more(two, rules));
  EXPECT_EQ(rules.refused, (std::vector{MOTE_STORAGE_DENSE3, MOTE_STORAGE_DENSE4}));
  Packed alone = layer;
  alone.bytes = {{MOTE_STORAGE_RANGE, 300}};
  rules.refused = {};
  EXPECT_FALSE(drop_what_costs_more(std::vector{alone}, rules));
}

}  // namespace
}  // namespace mote::deploy
