#include "ops/conv2d/conv2d.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "tests/support/dynamic_oracle.h"

namespace mote {
namespace {

using testing::Tap;
using testing::WeightedNode;

ops::Conv2D random_attributes(Random& random) {
  const auto from_1_to = [&](uint64_t most) {
    return static_cast<int32_t>(random.below(most)) + 1;
  };
  const auto below = [&](uint64_t most) { return static_cast<int32_t>(random.below(most)); };
  return {.stride = {from_1_to(3), from_1_to(3)},
          .dilation = {from_1_to(2), from_1_to(2)},
          .padding = {below(3), below(3), below(3), below(3)},
          .groups = from_1_to(3),
          .activation = static_cast<Activation>(below(4))};
}

WeightedNode random_conv(Random& random, int32_t batch) {
  const ops::Conv2D conv = random_attributes(random);
  const auto from_1_to = [&](uint64_t most) {
    return static_cast<int32_t>(random.below(most)) + 1;
  };
  const Shape weights = {conv.groups * from_1_to(4), from_1_to(4), from_1_to(4), from_1_to(5)};
  const Shape input = {batch, weights[1] * 2 + from_1_to(5), weights[2] * 2 + from_1_to(5),
                       weights[3] * conv.groups};
  return {conv, input, weights, 0, conv.activation};
}

// By the formula at the head of conv2d.h.
std::vector<Tap> conv_taps(const WeightedNode& node, const Shape& output, int64_t element) {
  const auto& conv = std::get<ops::Conv2D>(node.op);
  const Shape &in = node.input, &w = node.weights;
  const int64_t o = element % output[3], x = element / output[3] % output[2];
  const int64_t y = element / output[3] / output[2] % output[1];
  const int64_t n = element / output[3] / output[2] / output[1];
  const int64_t group = o / (w[0] / conv.groups);
  std::vector<Tap> taps;
  for (int64_t ky = 0; ky < w[1]; ky++)
    for (int64_t kx = 0; kx < w[2]; kx++)
      for (int64_t i = 0; i < w[3]; i++) {
        const int64_t iy = y * conv.stride.height + ky * conv.dilation.height - conv.padding.top;
        const int64_t ix = x * conv.stride.width + kx * conv.dilation.width - conv.padding.left;
        if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
        taps.push_back({((n * in[1] + iy) * in[2] + ix) * in[3] + group * w[3] + i,
                        ((o * w[1] + ky) * w[2] + kx) * w[3] + i});
      }
  return taps;
}

Shape inferred_conv(const ops::Conv2D& conv, const Shape& input, const Shape& weights) {
  const std::vector<TensorType> types = {{DType::float32, input, {}},
                                         {DType::float32, weights, {}}};
  return op_def(conv).infer(conv, types).at(0).shape;
}

std::string error_of(const ops::Conv2D& conv, const Shape& input, const Shape& weights) {
  try {
    inferred_conv(conv, input, weights);
  } catch (const Error& error) {
    return error.message;
  }
  return "none";
}

TEST(Conv2D, InfersTheShapeOfItsOutput) {
  EXPECT_EQ(inferred_conv({}, {2, 5, 7, 3}, {8, 3, 3, 3}), (Shape{2, 3, 5, 8}));
  EXPECT_EQ(inferred_conv({{2, 3}, {}, {1, 1, 0, 2}}, {1, 5, 7, 3}, {8, 3, 3, 3}),
            (Shape{1, 3, 3, 8}));
  EXPECT_EQ(inferred_conv({{}, {2, 1}, {}, 3}, {1, 5, 7, 6}, {9, 3, 1, 2}), (Shape{1, 1, 7, 9}));
}

TEST(Conv2D, NamesTheShapesThatDoNotGoTogether) {
  EXPECT_EQ(error_of({}, {1, 5, 7, 3}, {8, 3, 3, 4}),
            "input [1, 5, 7, 3] and weights [8, 3, 3, 4] do not make 1 groups");
  EXPECT_EQ(error_of({{}, {}, {}, 2}, {1, 5, 7, 4}, {3, 3, 3, 2}),
            "input [1, 5, 7, 4] and weights [3, 3, 3, 2] do not make 2 groups");
  EXPECT_EQ(error_of({{}, {}, {}, 0}, {1, 5, 7, 4}, {3, 3, 3, 2}),
            "input [1, 5, 7, 4] and weights [3, 3, 3, 2] do not make 0 groups");
  EXPECT_EQ(error_of({}, {1, 5, 7}, {3, 3, 3, 2}),
            "input [1, 5, 7] is not [N, H, W, C] or weights [3, 3, 3, 2] are not [O, H, W, I]");
  EXPECT_EQ(
      error_of({{}, {4, 1}, {}}, {1, 5, 7, 2}, {3, 3, 3, 2}),
      "a window 3x3 with dilation 4x1 does not fit into [1, 5, 7, 2] with padding 0, 0, 0, 0");
  EXPECT_EQ(error_of({{0, 1}, {}, {}}, {1, 5, 7, 2}, {3, 3, 3, 2}), "stride 0x1");
}

TEST(Conv2D, ComputesWhatTheFormulaSays) {
  Random random(1, "conv2d");
  for (int i = 0; i < 150; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = random_conv(random, 1 + i % 3);
    const Shape output = inferred_conv(std::get<ops::Conv2D>(node.op), node.input, node.weights);
    const testing::Taps taps = [&](int64_t element) { return conv_taps(node, output, element); };
    testing::expect_matches_formula(node, taps, random);
    testing::expect_matches_dynamic_formula(node, taps, random);
  }
}

TEST(Conv2D, ReadsItsInputFromARing) {
  Random random(2, "conv2d");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = random_conv(random, 1);
    const auto& conv = std::get<ops::Conv2D>(node.op);
    const Graph graph =
        i % 3 == 0 ? testing::random_dynamic_graph(node, random)
                   : testing::random_graph(node, i % 3 == 1 ? DType::int8 : DType::int16, random);
    const Bytes input = testing::random_input(graph, random);
    const testing::RunOptions ring =
        testing::window_ring(node, conv.stride.height, conv.dilation.height, conv.padding.top);
    EXPECT_EQ(testing::run_node(graph, {{input}}, ring), testing::run_node(graph, {{input}}));
  }
}

Graph padded_graph(const Padding& padding, int32_t groups) {
  Graph graph;
  graph.name = "padded";
  graph.inputs = {add_value(graph, "input", {DType::float32, {1, 6, 6, 4}, {}})};
  const ValueId weights = add_constant(graph, "weights", Shape{4, 3, 3, 4 / groups},
                                       std::vector<float>(static_cast<size_t>(144 / groups), 0.5f));
  const ops::Conv2D conv{{2, 2}, {}, padding, groups};
  graph.outputs = {add_node(graph, conv, {graph.inputs[0], weights}, "conv")};
  return graph;
}

TEST(Conv2D, IsConv2DInTflite) {
  const Graph same = padded_graph({0, 1, 0, 1}, 1);
  const ForeignGraph foreign = export_graph(same, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 1u);
  EXPECT_EQ(foreign.nodes[0].type, "CONV_2D");
  EXPECT_EQ(foreign.nodes[0].version, 1);
  EXPECT_EQ(foreign.nodes[0].attributes[0], (std::pair<std::string, Attribute>{"padding", "SAME"}));
  EXPECT_EQ(import_graph(foreign, Format::tflite), same);

  const Graph grouped = padded_graph({}, 2);
  const ForeignGraph valid = export_graph(grouped, Format::tflite);
  EXPECT_EQ(valid.nodes[0].version, 6);
  EXPECT_EQ(import_graph(valid, Format::tflite), grouped);
}

TEST(Conv2D, OfInt16IsConv2DInTflite) {
  Random random(3, "conv2d");
  const WeightedNode node{ops::Conv2D{}, {1, 6, 6, 4}, {4, 3, 3, 4}};
  for (int i = 0; i < 20; i++) {
    const Graph graph = testing::random_graph(node, DType::int16, random);
    const auto& inputs = graph.nodes[0].inputs;
    const bool narrow = inputs.size() > 2 && graph.value(inputs[2]).type.dtype == DType::int32;
    const ForeignGraph foreign = export_graph(graph, Format::tflite);
    EXPECT_EQ(foreign.nodes[0].version, narrow ? 8 : 4);
    EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
  }
}

// Int8 weights between floats: the file says how inputs are quantized by the weights' scales alone.
TEST(Conv2D, OfInt8WeightsIsConv2DInTflite) {
  Random random(4, "conv2d");
  const WeightedNode node{ops::Conv2D{}, {1, 6, 6, 4}, {4, 3, 3, 4}};
  for (int i = 0; i < 20; i++) {
    Graph graph = testing::random_dynamic_graph(node, random);
    auto& conv = std::get<ops::Conv2D>(graph.nodes[0].op);
    const bool per_channel = graph.value(graph.nodes[0].inputs[1]).type.quantization->per_channel();
    conv.asymmetric_inputs = per_channel;
    const ForeignGraph foreign = export_graph(graph, Format::tflite);
    EXPECT_EQ(foreign.nodes[0].version, per_channel ? 5 : 2);
    EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
    conv.asymmetric_inputs = !per_channel;
    EXPECT_THROW(export_graph(graph, Format::tflite), Error);
  }
}

TEST(Conv2D, WithOtherPaddingIsPadAndConv2DInTflite) {
  const Graph odd = padded_graph({1, 0, 2, 1}, 1);
  const ForeignGraph foreign = export_graph(odd, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 2u);
  EXPECT_EQ(foreign.nodes[0].type, "PAD");
  EXPECT_EQ(foreign.nodes[1].type, "CONV_2D");
  const Graph back = import_graph(foreign, Format::tflite);
  ASSERT_EQ(back.nodes.size(), 2u);
  EXPECT_EQ(std::get<ops::Pad>(back.nodes[0].op),
            (ops::Pad{.before = {0, 1, 2, 0}, .after = {0, 0, 1, 0}}));
  EXPECT_EQ(back.value(back.outputs[0]).type, odd.value(odd.outputs[0]).type);
}

}  // namespace
}  // namespace mote
