#include "evaluate/samples.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"

namespace mote::evaluate {
namespace {

Graph graph_of(TensorType input, TensorType output) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", std::move(input))};
  graph.outputs = {add_value(graph, "y", std::move(output))};
  return graph;
}

const TensorType kScores{DType::int8, {1, 3}, per_tensor(1.0f / 256, -128)};

TEST(Samples, ARawPixelEntersAsPixelMinus128) {
  const Graph graph = graph_of({DType::int8, {1, 1, 2, 1}, per_tensor(1.0f, -128)}, kScores);
  const Array images{DType::uint8, {2, 1, 2, 1}, {0, 255, 7, 128}};
  EXPECT_EQ(encode(graph, images, 0, 2), (Bytes{0x80, 0x7F, 0x87, 0x00}));
  EXPECT_EQ(encode(graph, images, 1, 1), (Bytes{0x87, 0x00}));
}

TEST(Samples, PreprocessingScalesPerChannel) {
  Graph graph = graph_of({DType::float32, {1, 1, 1, 2}, {}}, kScores);
  graph.preprocessing = {{{0.5f, 2.0f}, {0.0f, 1.0f}}};
  const Array images{DType::uint8, {1, 1, 1, 2}, {10, 20}};
  const std::vector<float> expected = {5.0f, 41.0f};
  EXPECT_EQ(encode(graph, images, 0, 1), to_bytes(std::span<const float>(expected)));
}

TEST(Samples, ThereAreNoneOfAModelWithoutInputs) {
  const Graph graph =
      parse("graph g\n  c: float32[2] = [1, -2]\ny: float32[2] = Relu(c)\noutput y\n", {});
  datasets::Split split;
  split.images = {DType::uint8, {3, 4, 4, 1}, Bytes(48)};
  const auto refused = [&](auto&& make) {
    try {
      make();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::usage);
      return error.message == "the model has no inputs: data tells nothing about it";
    }
    return false;
  };
  EXPECT_TRUE(refused([&] { encode(graph, split, 0, 1); }));
  EXPECT_TRUE(refused([&] { encode(graph, split.images, 0, 1); }));
  EXPECT_TRUE(refused([&] { encoded(graph, split.images); }));
  EXPECT_TRUE(names_of_several_inputs(graph).empty());
}

TEST(Samples, AnotherShapeIsAnErrorThatNamesBoth) {
  const Graph graph = graph_of({DType::int8, {1, 28, 28, 1}, per_tensor(1.0f, -128)}, kScores);
  const Array images{DType::uint8, {1, 32, 32, 3}, Bytes(3072)};
  try {
    encode(graph, images, 0, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message.find("[1, 28, 28, 1]"), std::string::npos);
    EXPECT_NE(error.message.find("[1, 32, 32, 3]"), std::string::npos);
  }
}

TEST(Samples, ChannelsThatComeFirstGoLast) {
  const Graph graph = graph_of({DType::int8, {1, 1, 2, 3}, per_tensor(1.0f, -128)}, kScores);
  const Array first{DType::uint8, {2, 3, 1, 2}, {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16}};
  const Array last{DType::uint8, {2, 1, 2, 3}, {1, 3, 5, 2, 4, 6, 11, 13, 15, 12, 14, 16}};
  EXPECT_EQ(encode(graph, first, 0, 2), encode(graph, last, 0, 2));
  EXPECT_EQ(encode(graph, first, 1, 1), encode(graph, last, 1, 1));
}

// As many elements, another shape: 38 % for 100 % once.
TEST(Samples, AsManyElementsInAnotherShapeAreAnError) {
  const Graph graph = graph_of({DType::int8, {1, 2, 4, 3}, per_tensor(1.0f, -128)}, kScores);
  for (const Shape& shape : {Shape{1, 4, 2, 3}, {1, 3, 4, 2}, {1, 4, 6, 1}, {1, 2, 2, 6}})
    EXPECT_THROW(encode(graph, Array{DType::uint8, shape, Bytes(24)}, 0, 1), Error);
  for (const Shape& shape : {Shape{1, 2, 4, 3}, {1, 1, 2, 4, 3}, {1, 24}})
    EXPECT_EQ(encode(graph, Array{DType::uint8, shape, Bytes(24, 128)}, 0, 1), Bytes(24));
}

}  // namespace
}  // namespace mote::evaluate
