#include "ops/fully_connected/fully_connected.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ir/node.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "tests/support/dynamic_oracle.h"

namespace mote {
namespace {

using testing::Tap;
using testing::WeightedNode;

Shape inferred_dense(const ops::FullyConnected& dense, const Shape& input, const Shape& weights) {
  const std::vector<TensorType> types = {{DType::float32, input, {}},
                                         {DType::float32, weights, {}}};
  return op_def(dense).infer(dense, types).at(0).shape;
}

TEST(FullyConnected, InfersTheShapeOfItsOutput) {
  EXPECT_EQ(inferred_dense({}, {3, 8}, {5, 8}), (Shape{3, 5}));
  EXPECT_EQ(inferred_dense({}, {2, 3, 2, 4}, {5, 8}), (Shape{6, 5}));
  EXPECT_EQ(inferred_dense({.keep_dims = true}, {2, 3, 2, 4}, {5, 4}), (Shape{2, 3, 2, 5}));
  EXPECT_EQ(inferred_dense({}, {8}, {5, 8}), (Shape{1, 5}));
}

TEST(FullyConnected, NamesTheShapesThatDoNotGoTogether) {
  for (const bool keep_dims : {false, true}) {
    try {
      inferred_dense({keep_dims}, {3, 4, 2}, {5, keep_dims ? 8 : 9});
      ADD_FAILURE() << keep_dims;
    } catch (const Error& error) {
      EXPECT_EQ(error.message,
                keep_dims ? "input [3, 4, 2] does not consist of vectors for weights [5, 8]"
                          : "input [3, 4, 2] does not consist of vectors for weights [5, 9]");
    }
  }
}

// Inputs of rank 1 to 4, kept or not; without keep_dims a vector may span several of its rows.
WeightedNode random_dense(Random& random) {
  const auto from_1_to = [&](uint64_t most) {
    return static_cast<int32_t>(random.below(most)) + 1;
  };
  const ops::FullyConnected dense{random.below(2) == 0, static_cast<Activation>(random.below(4))};
  Shape input(random.below(4) + 1);
  for (int32_t& size : input) size = from_1_to(5);
  int32_t vector = input.back();
  if (!dense.keep_dims && input.size() > 2) vector *= input[input.size() - 2];
  return {dense, input, {from_1_to(9), vector}, 0, dense.activation, true};
}

TEST(FullyConnected, ComputesWhatTheFormulaSays) {
  Random random(1, "fully_connected");
  for (int i = 0; i < 200; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = random_dense(random);
    const auto taps = [&](int64_t element) {
      const int64_t outputs = node.weights[0], inputs = node.weights[1];
      std::vector<Tap> result;
      for (int64_t k = 0; k < inputs; k++)
        result.push_back({element / outputs * inputs + k, element % outputs * inputs + k});
      return result;
    };
    testing::expect_matches_formula(node, taps, random);
    testing::expect_matches_dynamic_formula(node, taps, random);
  }
}

// Of the weighted operators only this one does so in TFLite, and only per tensor.
TEST(FullyConnected, MultipliesScalesOfTheWholeTensorInBinary32) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::int8, {1, 1}, per_tensor(0.1f, 0)})};
  const ValueId weights =
      add_constant(graph, "w", {DType::int8, {1, 1}, per_tensor(0.3f, 0)}, Bytes{1});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], weights}, "dense")};
  graph.value(graph.outputs[0]).type.quantization = per_tensor(1.0f, 0);
  Homes homes = initial_homes(graph);
  Lowering lowering(graph, graph.nodes[0], MOTE_ROUNDING_DOUBLE, homes);
  op_def(graph.nodes[0].op).lower(graph.nodes[0].op, lowering);
  const auto found = std::ranges::find(lowering.constants, "dense_multiplier", &Constant::name);
  ASSERT_NE(found, lowering.constants.end());
  const int32_t multiplier = mote_quantize_multiplier(0.1f * 0.3f).multiplier;
  EXPECT_EQ(found->data, to_bytes(std::span<const int32_t>(&multiplier, 1)));
}

TEST(FullyConnected, KeepsItsRowsInARingWhereDimensionsAreKept) {
  Random random(2, "fully_connected");
  const WeightedNode node{ops::FullyConnected{true, Activation::none}, {1, 7, 2, 3}, {4, 3}, 0};
  const testing::RunOptions ring{
      .rows_at_once = 1, .ring_rows = 1, .rows_needed = [](int32_t row) { return row + 1; }};
  for (const Graph& graph : {testing::random_graph(node, DType::int8, random),
                             testing::random_dynamic_graph(node, random)}) {
    const Bytes input = testing::random_input(graph, random);
    EXPECT_EQ(testing::run_node(graph, {{input}}, ring), testing::run_node(graph, {{input}}));
  }
}

TEST(FullyConnected, IsFullyConnectedInTflite) {
  Random random(3, "fully_connected");
  const WeightedNode node{ops::FullyConnected{true, Activation::relu}, {1, 7, 3}, {4, 3}, 0};
  const Graph graph = testing::random_graph(node, DType::float32, random);
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 1u);
  EXPECT_EQ(foreign.nodes[0].type, "FULLY_CONNECTED");
  EXPECT_EQ(foreign.nodes[0].version, graph.nodes[0].inputs.size() > 2 ? 5 : 6);
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
}

TEST(FullyConnected, OfInt8WeightsIsFullyConnectedInTflite) {
  Random random(5, "fully_connected");
  const WeightedNode node{ops::FullyConnected{true, Activation::relu}, {1, 7, 3}, {4, 3}, 0};
  for (int i = 0; i < 20; i++) {
    const Graph graph = testing::random_dynamic_graph(node, random);
    const Node& dense = graph.nodes[0];
    const bool asymmetric = std::get<ops::FullyConnected>(dense.op).asymmetric_inputs;
    const ForeignGraph foreign = export_graph(graph, Format::tflite);
    const int32_t without_scales = asymmetric ? 9 : dense.inputs.size() > 2 ? 5 : 6;
    EXPECT_EQ(foreign.nodes[0].version,
              graph.value(dense.inputs[1]).type.quantization->per_channel() ? 12 : without_scales);
    EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
  }
}

TEST(FullyConnected, RefusesShuffledWeights) {
  Random random(4, "fully_connected");
  const WeightedNode node{ops::FullyConnected{}, {1, 3}, {4, 3}, 0};
  ForeignGraph foreign =
      export_graph(testing::random_graph(node, DType::float32, random), Format::tflite);
  for (auto& [name, value] : foreign.nodes[0].attributes)
    if (name == "weights_format") value = std::string("SHUFFLED4x16INT8");
  EXPECT_THROW(import_graph(foreign, Format::tflite), Error);
}

}  // namespace
}  // namespace mote
