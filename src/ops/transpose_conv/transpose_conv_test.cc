#include "ops/transpose_conv/transpose_conv.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ir/text.h"
#include "ops/foreign.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/node_oracle.h"
#include "tests/support/weighted_nodes.h"

namespace mote {
namespace {

using testing::Tap;
using testing::WeightedNode;

Shape inferred_transposed(const ops::TransposeConv& conv, const Shape& input,
                          const Shape& weights) {
  const std::vector<TensorType> types = {testing::real(input), testing::real(weights)};
  return op_def(conv).infer(conv, types).at(0).shape;
}

// Scatters: every pixel of the input that adds to the element, wherever its window reaches.
std::vector<Tap> transposed_taps(const WeightedNode& node, const Shape& output, int64_t element) {
  const auto& conv = std::get<ops::TransposeConv>(node.op);
  const auto at = testing::position_of(element, output);
  std::vector<Tap> taps;
  for (int64_t iy = 0; iy < node.input[1]; iy++)
    for (int64_t ix = 0; ix < node.input[2]; ix++)
      for (int64_t ky = 0; ky < node.weights[1]; ky++)
        for (int64_t kx = 0; kx < node.weights[2]; kx++) {
          if (iy * conv.stride.height + ky - conv.padding.top != at[1]) continue;
          if (ix * conv.stride.width + kx - conv.padding.left != at[2]) continue;
          for (int64_t i = 0; i < node.input[3]; i++)
            taps.push_back(
                {static_cast<int64_t>(testing::element_at({at[0], iy, ix, i}, node.input)),
                 static_cast<int64_t>(testing::element_at({at[3], ky, kx, i}, node.weights))});
        }
  return taps;
}

TEST(TransposeConv, UndoesTheShapeOfAConvolution) {
  const ops::TransposeConv same{{2, 2}, {0, 1, 0, 1}};
  EXPECT_EQ(inferred_transposed(same, {1, 5, 6, 3}, {4, 3, 3, 3}), (Shape{1, 10, 12, 4}));
  const ops::TransposeConv valid{{2, 1}, {}};
  EXPECT_EQ(inferred_transposed(valid, {2, 5, 6, 3}, {4, 3, 3, 3}), (Shape{2, 11, 8, 4}));
  const ops::TransposeConv sparse{{3, 2}, {}, {2, 1}};
  EXPECT_EQ(inferred_transposed(sparse, {1, 5, 6, 3}, {4, 1, 1, 3}), (Shape{1, 15, 12, 4}));
}

TEST(TransposeConv, NamesWhatDoesNotGoTogether) {
  const auto error = [](const ops::TransposeConv& conv, const Shape& input, const Shape& weights) {
    return testing::inference_error(conv, {testing::real(input), testing::real(weights)});
  };
  EXPECT_EQ(error({}, {1, 5, 6, 3}, {4, 3, 3, 2}),
            "input [1, 5, 6, 3] is not [N, H, W, I] or weights [4, 3, 3, 2] are not [O, H, W, I]");
  EXPECT_EQ(error({{2, 2}, {}, {2, 0}}, {1, 5, 6, 3}, {4, 3, 3, 3}),
            "output_padding 2x0 with stride 2x2");
  EXPECT_EQ(error({{1, 1}, {2, 2, 0, 0}}, {1, 1, 6, 3}, {4, 3, 3, 3}),
            "1 pixels, stride 1 and a window of 3 make an output of -1");
  EXPECT_EQ(error({{2147483647, 1}, {}}, {1, 5, 6, 3}, {4, 3, 3, 3}),
            "5 pixels, stride 2147483647 and a window of 3 make an output of 8589934591");
  EXPECT_EQ(error({{0, 1}, {}}, {1, 5, 6, 3}, {4, 3, 3, 3}), "stride 0x1");
  EXPECT_EQ(error({{1, 1}, {-1, 0, 0, 0}}, {1, 5, 6, 3}, {4, 3, 3, 3}),
            "padding top -1, bottom 0, left 0, right 0");
  const TensorType wide = testing::int16({1, 5, 6, 3}, 1.0f);
  const TensorType weights = testing::int8({4, 3, 3, 3}, 1.0f, 0);
  EXPECT_EQ(
      testing::inference_error(ops::TransposeConv{}, {wide, weights, {DType::int32, {4}, {}}}),
      "int32 bias for an input of int16; int64 expected");
}

TEST(TransposeConv, ComputesWhatTheFormulaSays) {
  Random random(1, "transpose_conv");
  for (int i = 0; i < 150; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = testing::any_transpose_conv(random);
    const Shape output =
        inferred_transposed(std::get<ops::TransposeConv>(node.op), node.input, node.weights);
    testing::expect_matches_formula(
        node, [&](int64_t element) { return transposed_taps(node, output, element); }, random);
  }
}

// A row of the output needs at most so many rows of the input as windows overlap.
TEST(TransposeConv, ReadsItsInputFromARing) {
  Random random(2, "transpose_conv");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    WeightedNode node = testing::any_transpose_conv(random);
    node.input[0] = 1;
    const auto& conv = std::get<ops::TransposeConv>(node.op);
    const DType type = i % 2 == 0 ? DType::int8 : DType::int16;
    const Graph graph = testing::random_graph(node, type, random);
    const Bytes input = testing::random_input(graph, random);
    testing::RunOptions ring{.rows_at_once = 1,
                             .ring_rows = (node.weights[1] - 1) / conv.stride.height + 1};
    ring.rows_needed = [&](int32_t row) {
      return std::min(node.input[1], (row + conv.padding.top) / conv.stride.height + 1);
    };
    EXPECT_EQ(testing::run_node(graph, {{input}}, ring), testing::run_node(graph, {{input}}));
  }
}

TEST(TransposeConv, ProvesTheBoundOfItsAccumulators) {
  Random random(3, "transpose_conv");
  const WeightedNode node{.op = ops::TransposeConv{},
                          .input = {1, 2, 2, 1},
                          .weights = {1, 2, 2, 1},
                          .wide_int16 = true};
  Graph graph = testing::random_graph(node, DType::int8, random);
  while (graph.nodes[0].inputs.size() < 3) graph = testing::random_graph(node, DType::int8, random);
  EXPECT_NO_THROW(testing::NodeRun(graph, {}));
  const std::vector<int32_t> bias = {INT32_MAX};
  graph.value(graph.nodes[0].inputs[2]).data = testing::foreign_data(bias);
  EXPECT_THROW(testing::NodeRun(graph, {}), Error);
}

TEST(TransposeConv, CountsEveryWeightForEveryPixel) {
  const ops::TransposeConv conv{{2, 2}, {0, 1, 0, 1}};
  const std::vector<TensorType> types = {testing::real({2, 5, 6, 3}), testing::real({4, 3, 3, 3}),
                                         testing::real({4})};
  const Cost cost = op_def(conv).cost(conv, types, std::vector{testing::real({2, 10, 12, 4})});
  EXPECT_EQ(cost.macs, 2 * 5 * 6 * (4 * 3 * 3 * 3));
  EXPECT_EQ(cost.parameters, 4 * 3 * 3 * 3 + 4);
}

// ---- text and TFLite ----

Graph float_graph(const ops::TransposeConv& conv, bool with_bias) {
  Graph graph;
  graph.name = "g";
  graph.inputs = {add_value(graph, "input", testing::real({1, 4, 4, 2}))};
  std::vector<ValueId> operands = graph.inputs;
  operands.push_back(
      add_constant(graph, "weights", Shape{3, 3, 3, 2}, std::vector<float>(54, 0.5f)));
  if (with_bias) operands.push_back(add_constant(graph, "bias", Shape{3}, {1.0f, 2.0f, 3.0f}));
  graph.outputs = {add_node(graph, conv, operands, "node")};
  return graph;
}

TEST(TransposeConv, HasATextForm) {
  const Graph graph = float_graph({{2, 2}, {0, 1, 0, 1}, {0, 1}, Activation::relu6}, true);
  const PrintedGraph printed = print(graph);
  EXPECT_NE(
      printed.text.find("TransposeConv(input, weights, bias) {stride: 2x2, padding: [0, 1, 0, "
                        "1], output_padding: 0x1, activation: relu6}"),
      std::string::npos)
      << printed.text;
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
}

void expect_tflite(const Graph& graph, const std::string& padding, int32_t version) {
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 1u);
  EXPECT_EQ(foreign.nodes[0].type, "TRANSPOSE_CONV");
  EXPECT_EQ(foreign.nodes[0].version, version);
  EXPECT_EQ(foreign.nodes[0].attributes[0],
            (std::pair<std::string, Attribute>{"padding", padding}));
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
}

TEST(TransposeConv, IsTransposeConvInTflite) {
  expect_tflite(float_graph({{2, 2}, {0, 1, 0, 1}}, false), "SAME", 1);
  expect_tflite(float_graph({{2, 2}, {1, 1, 0, 1}}, true), "SAME", 3);
  expect_tflite(float_graph({{2, 2}, {}, {1, 0}, Activation::relu}, false), "VALID", 4);
  Random random(4, "transpose_conv");
  for (int i = 0; i < 10; i++) {
    const WeightedNode node{.op = ops::TransposeConv{{3, 1}, {}, {2, 0}},
                            .input = {1, 4, 4, 2},
                            .weights = {3, 3, 3, 2},
                            .wide_int16 = true};
    const Graph graph =
        testing::random_graph(node, i % 2 == 0 ? DType::int8 : DType::int16, random);
    expect_tflite(graph, "VALID", graph.nodes[0].inputs.size() > 2 ? 3 : 2);
  }
}

TEST(TransposeConv, WithOtherPaddingIsCutInTflite) {
  const Graph odd = float_graph({{2, 2}, {2, 0, 1, 2}, {1, 0}, Activation::relu}, true);
  const ForeignGraph foreign = export_graph(odd, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 2u);
  EXPECT_EQ(foreign.nodes[0].type, "TRANSPOSE_CONV");
  EXPECT_EQ(foreign.nodes[1].type, "STRIDED_SLICE");
  const Graph back = import_graph(foreign, Format::tflite);
  ASSERT_EQ(back.nodes.size(), 2u);
  EXPECT_EQ(std::get<ops::StridedSlice>(back.nodes[1].op),
            (ops::StridedSlice{{0, 2, 1, 0}, {-1, 8, 6, -1}, {1, 1, 1, 1}}));
  EXPECT_EQ(back.value(back.outputs[0]).type, odd.value(odd.outputs[0]).type);
}

// A graph of which the test spoils the foreign form.
std::string import_error(const std::function<void(ForeignGraph&)>& spoil) {
  ForeignGraph foreign = export_graph(float_graph({{2, 2}, {0, 1, 0, 1}}, true), Format::tflite);
  spoil(foreign);
  try {
    import_graph(foreign, Format::tflite);
  } catch (const Error& error) {
    EXPECT_EQ(error.where, "node 'node' (TRANSPOSE_CONV)");
    return error.message;
  }
  return "none";
}

ForeignValue& operand(ForeignGraph& graph, size_t index) {
  return graph.values[static_cast<size_t>(graph.nodes[0].inputs[index])];
}

TEST(TransposeConv, HoldsAFileToTheShapeOfItsOutput) {
  EXPECT_EQ(import_error([](ForeignGraph& g) {
              operand(g, 0).data = testing::foreign_data(std::vector<int32_t>{1, 8, 9, 3});
            }),
            "'node_output_shape' is not the output's shape [1, 8, 8, 3]");
  EXPECT_EQ(import_error([](ForeignGraph& g) {
              operand(g, 0).data = testing::foreign_data(std::vector<int32_t>{1, 11, 8, 3});
              g.values[static_cast<size_t>(g.outputs[0])].type.shape = {1, 11, 8, 3};
            }),
            "an output of 11 from an input of 4 by a window of 3, stride 2 and padding 2");
  EXPECT_EQ(import_error([](ForeignGraph& g) {
              g.values[static_cast<size_t>(g.outputs[0])].type.shape = {1, 8};
            }),
            "output shape [1, 8] is not [N, H, W, C]");
  EXPECT_EQ(import_error([](ForeignGraph& g) {
              operand(g, 1).type.shape = {3, 27, 2};
            }),
            "'weights' has shape [3, 27, 2], one of rank 4 expected");
  EXPECT_EQ(import_error([](ForeignGraph& g) { g.nodes[0].attributes[1].second = int64_t{0}; }),
            "stride_w is 0");
}

TEST(TransposeConv, LeavesAnOutputShapeThatComesAtRunTimeUnread) {
  ForeignGraph foreign = export_graph(float_graph({{2, 2}, {}}, true), Format::tflite);
  operand(foreign, 0).data = nullptr;
  foreign.inputs.insert(foreign.inputs.begin(), foreign.nodes[0].inputs[0]);
  const Graph graph = import_graph(foreign, Format::tflite);
  ASSERT_EQ(graph.inputs.size(), 2u);
  EXPECT_EQ(graph.value(graph.inputs[0]).type, (TensorType{DType::int32, {4}, {}}));
  EXPECT_EQ(graph.nodes[0].inputs[0], graph.inputs[1]);
}

}  // namespace
}  // namespace mote
