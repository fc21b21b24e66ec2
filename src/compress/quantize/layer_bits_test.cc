#include "compress/quantize/layer_bits.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::compress {
namespace {

// x -> conv "c" -> depthwise "d" -> conv "m" -> dense "a" and dense "b"
Graph network() {
  Graph graph;
  ValueId x = add_value(graph, "x", {DType::float32, {1, 1, 1, 2}, {}});
  graph.inputs = {x};
  const auto ones = [&](Shape shape) {
    const std::vector<float> numbers(static_cast<size_t>(element_count(shape)), 1.0f);
    return add_constant(graph, "w", shape, numbers);
  };
  x = add_node(graph, ops::Conv2D{}, {x, ones({2, 1, 1, 2})}, "c");
  x = add_node(graph, ops::DepthwiseConv2D{}, {x, ones({1, 1, 1, 2})}, "d");
  x = add_node(graph, ops::Conv2D{}, {x, ones({2, 1, 1, 2})}, "m");
  x = add_node(graph, ops::Reshape{{1, 2}}, {x}, "r");
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, ones({3, 2})}, "a"),
                   add_node(graph, ops::FullyConnected{}, {x, ones({4, 2})}, "b")};
  return graph;
}

using Bits = std::vector<int32_t>;

TEST(LayerBits, NamesGoBeforePlacesAndPlacesBeforeKinds) {
  EXPECT_EQ(layer_bits_of(network(), {.weight_bits = 4}), (Bits{4, 4, 4, 0, 4, 4}));
  EXPECT_EQ(layer_bits_of(network(), {.weight_bits = 4, .first_bits = 8, .last_bits = 7}),
            (Bits{8, 4, 4, 0, 7, 7}));
  EXPECT_EQ(layer_bits_of(network(), {.weight_bits = 3, .depthwise_bits = 6}),
            (Bits{3, 6, 3, 0, 3, 3}));
  EXPECT_EQ(layer_bits_of(network(), {.weight_bits = 4,
                                      .last_bits = 7,
                                      .depthwise_bits = 6,
                                      .layer_bits = {{"d", 2}, {"b", 5}}}),
            (Bits{4, 2, 4, 0, 7, 5}));
}

TEST(LayerBits, OnlyOfWeightsThatBecomeIntegers) {
  EXPECT_EQ(layer_bits_of(network(), {.scheme = Scheme::float16}), Bits(6, 0));
  EXPECT_EQ(layer_bits_of(network(), {.scheme = Scheme::dynamic_range}), Bits(6, 0));
}

TEST(LayerBits, ErrorsNameTheLayersThatThereAre) {
  try {
    layer_bits_of(network(), {.layer_bits = {{"e", 4}}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.message.find("'e'"), std::string::npos);
    EXPECT_NE(error.hint.find("a, b, c, d, m"), std::string::npos);
  }
  EXPECT_THROW(layer_bits_of(network(), {.layer_bits = {{"c", 9}}}), Error);
  EXPECT_THROW(layer_bits_of(network(), {.first_bits = 1}), Error);
}

}  // namespace
}  // namespace mote::compress
