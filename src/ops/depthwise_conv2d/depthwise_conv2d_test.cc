#include "ops/depthwise_conv2d/depthwise_conv2d.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ops/foreign.h"
#include "ops/op_def.h"
#include "tests/support/dynamic_oracle.h"

namespace mote {
namespace {

using testing::Tap;
using testing::WeightedNode;

WeightedNode random_depthwise(Random& random, int32_t batch) {
  const auto from_1_to = [&](uint64_t most) {
    return static_cast<int32_t>(random.below(most)) + 1;
  };
  const auto below = [&](uint64_t most) { return static_cast<int32_t>(random.below(most)); };
  const ops::DepthwiseConv2D conv{{from_1_to(3), from_1_to(3)},
                                  {from_1_to(2), from_1_to(2)},
                                  {below(3), below(3), below(3), below(3)},
                                  static_cast<Activation>(below(4))};
  const int32_t channels = from_1_to(5), height = from_1_to(4), width = from_1_to(4);
  return {conv,
          {batch, height * 2 + from_1_to(5), width * 2 + from_1_to(5), channels},
          {1, height, width, channels * from_1_to(3)},
          3,
          conv.activation};
}

// By the formula at the head of depthwise_conv2d.h.
std::vector<Tap> depthwise_taps(const WeightedNode& node, const Shape& output, int64_t element) {
  const auto& conv = std::get<ops::DepthwiseConv2D>(node.op);
  const Shape &in = node.input, &w = node.weights;
  const int64_t o = element % output[3], x = element / output[3] % output[2];
  const int64_t y = element / output[3] / output[2] % output[1];
  const int64_t n = element / output[3] / output[2] / output[1];
  const int64_t channel = o / (w[3] / in[3]);
  std::vector<Tap> taps;
  for (int64_t ky = 0; ky < w[1]; ky++)
    for (int64_t kx = 0; kx < w[2]; kx++) {
      const int64_t iy = y * conv.stride.height + ky * conv.dilation.height - conv.padding.top;
      const int64_t ix = x * conv.stride.width + kx * conv.dilation.width - conv.padding.left;
      if (iy < 0 || iy >= in[1] || ix < 0 || ix >= in[2]) continue;
      taps.push_back(
          {((n * in[1] + iy) * in[2] + ix) * in[3] + channel, (ky * w[2] + kx) * w[3] + o});
    }
  return taps;
}

Shape inferred_depthwise(const ops::DepthwiseConv2D& conv, const Shape& input,
                         const Shape& weights) {
  const std::vector<TensorType> types = {{DType::float32, input, {}},
                                         {DType::float32, weights, {}}};
  return op_def(conv).infer(conv, types).at(0).shape;
}

TEST(DepthwiseConv2D, InfersTheShapeOfItsOutput) {
  EXPECT_EQ(inferred_depthwise({}, {2, 5, 7, 3}, {1, 3, 3, 3}), (Shape{2, 3, 5, 3}));
  EXPECT_EQ(inferred_depthwise({{2, 1}, {1, 2}, {1, 0, 2, 2}}, {1, 6, 4, 2}, {1, 3, 3, 8}),
            (Shape{1, 3, 4, 8}));
}

TEST(DepthwiseConv2D, NamesTheShapesThatDoNotGoTogether) {
  for (const Shape& weights : {Shape{1, 3, 3, 4}, Shape{2, 3, 3, 3}, Shape{3, 3, 3}}) {
    try {
      inferred_depthwise({}, {1, 5, 7, 3}, weights);
      ADD_FAILURE() << to_string(weights);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      EXPECT_EQ(error.message, "input [1, 5, 7, 3] is not [N, H, W, C] or weights " +
                                   to_string(weights) + " are not [1, H, W, C * M]");
    }
  }
}

TEST(DepthwiseConv2D, ComputesWhatTheFormulaSays) {
  Random random(1, "depthwise_conv2d");
  for (int i = 0; i < 150; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = random_depthwise(random, 1 + i % 3);
    const Shape output =
        inferred_depthwise(std::get<ops::DepthwiseConv2D>(node.op), node.input, node.weights);
    const testing::Taps taps = [&](int64_t element) {
      return depthwise_taps(node, output, element);
    };
    testing::expect_matches_formula(node, taps, random);
    testing::expect_matches_dynamic_formula(node, taps, random);
  }
}

TEST(DepthwiseConv2D, ReadsItsInputFromARing) {
  Random random(2, "depthwise_conv2d");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const WeightedNode node = random_depthwise(random, 1);
    const auto& conv = std::get<ops::DepthwiseConv2D>(node.op);
    const Graph graph =
        i % 3 == 0 ? testing::random_dynamic_graph(node, random)
                   : testing::random_graph(node, i % 3 == 1 ? DType::int8 : DType::int16, random);
    const Bytes input = testing::random_input(graph, random);
    const testing::RunOptions ring =
        testing::window_ring(node, conv.stride.height, conv.dilation.height, conv.padding.top);
    EXPECT_EQ(testing::run_node(graph, {{input}}, ring), testing::run_node(graph, {{input}}));
  }
}

// Int8 weights between floats: TFLite's inputs have zero points, always.
TEST(DepthwiseConv2D, OfInt8WeightsIsDepthwiseConv2DInTflite) {
  Random random(4, "depthwise_conv2d");
  const WeightedNode node{ops::DepthwiseConv2D{}, {1, 6, 6, 4}, {1, 3, 3, 8}, 3};
  for (int i = 0; i < 20; i++) {
    Graph graph = testing::random_dynamic_graph(node, random);
    auto& conv = std::get<ops::DepthwiseConv2D>(graph.nodes[0].op);
    conv.asymmetric_inputs = true;
    const ForeignGraph foreign = export_graph(graph, Format::tflite);
    const bool per_channel = graph.value(graph.nodes[0].inputs[1]).type.quantization->per_channel();
    EXPECT_EQ(foreign.nodes[0].version, per_channel ? 6 : 4);
    EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
    conv.asymmetric_inputs = false;
    EXPECT_THROW(export_graph(graph, Format::tflite), Error);
  }
}

TEST(DepthwiseConv2D, IsDepthwiseConv2DInTflite) {
  Random random(3, "depthwise_conv2d");
  const WeightedNode node{ops::DepthwiseConv2D{{2, 2}, {1, 1}, {0, 1, 0, 1}, Activation::relu6},
                          {1, 6, 6, 4},
                          {1, 3, 3, 8},
                          3,
                          Activation::relu6};
  const Graph graph = testing::random_graph(node, DType::int8, random);
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 1u);
  EXPECT_EQ(foreign.nodes[0].type, "DEPTHWISE_CONV_2D");
  EXPECT_EQ(foreign.nodes[0].version, 3);
  const auto& attributes = foreign.nodes[0].attributes;
  EXPECT_NE(std::ranges::find(attributes, std::pair<std::string, Attribute>{"depth_multiplier", 2}),
            attributes.end());
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
}

}  // namespace
}  // namespace mote
