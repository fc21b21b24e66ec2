#include "compress/calibrate/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/bytes.h"

namespace mote::compress {
namespace {

// x [1, 2] -> relu "r" -> reshape "s", which keeps its scale -> softmax "y", which has its own
Graph graph_of_two() {
  Graph graph;
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, {}});
  graph.inputs = {x};
  const ValueId r = add_node(graph, ops::Relu{}, {x}, "r");
  const ValueId s = add_node(graph, ops::Reshape{{1, 2}}, {r}, "s");
  graph.outputs = {add_node(graph, ops::Softmax{}, {s}, "y")};
  return graph;
}

const Quantization& quantization(const Graph& graph, const std::string& name) {
  for (const Value& value : graph.values)
    if (value.name == name) return value.type.quantization.value();
  throw Error(ErrorKind::internal, "no value " + name);
}

TEST(Calibrate, RangesHoldZeroAndKeepIt) {
  EXPECT_EQ(affine_quantization({0.0f, 255.0f}), per_tensor(1.0f, -128));
  EXPECT_EQ(affine_quantization({1.0f, 2.55f}).zero_point[0], -128);
  EXPECT_EQ(affine_quantization({-2.55f, -1.0f}).zero_point[0], 127);
  EXPECT_GT(affine_quantization({0, 0}).scale[0], 0);
}

TEST(Calibrate, SeesAllSamplesAndFollowsTheRules) {
  Graph graph = graph_of_two();
  calibrate(graph, {bytes_of({-1.0f, 2.0f, 5.1f, 0.0f})}, 2);
  EXPECT_EQ(quantization(graph, "x"), affine_quantization({-1.0f, 5.1f}));
  EXPECT_EQ(quantization(graph, "r"), affine_quantization({0.0f, 5.1f}));
  EXPECT_EQ(quantization(graph, "s"), quantization(graph, "r"));
  EXPECT_EQ(quantization(graph, "y"), per_tensor(1.0f / 256, -128));
}

TEST(Calibrate, RangesOfInt16AreSymmetric) {
  EXPECT_EQ(affine_quantization({-0.5f, 32767.0f}, DType::int16), per_tensor(1.0f, 0, 16));
  EXPECT_EQ(affine_quantization({-65534.0f, 1.0f}, DType::int16), per_tensor(2.0f, 0, 16));
  EXPECT_GT(affine_quantization({0, 0}, DType::int16).scale[0], 0);
  Graph graph = graph_of_two();
  calibrate(graph, {bytes_of({-1.0f, 2.0f, 5.1f, 0.0f})}, 2, {.scheme = Scheme::int16x8});
  EXPECT_EQ(quantization(graph, "x"), per_tensor(5.1f / 32767, 0, 16));
  EXPECT_EQ(quantization(graph, "s"), quantization(graph, "r"));
  EXPECT_EQ(quantization(graph, "y"), per_tensor(1.0f / 32768, 0, 16));
}

TEST(Calibrate, WhatAnInputCanHoldGoesBeforeWhatItHeld) {
  Graph graph = graph_of_two();
  calibrate(graph, {bytes_of({3.0f, 200.0f})}, 1, {.input_ranges = {RealRange{0.0f, 255.0f}}});
  EXPECT_EQ(quantization(graph, "x"), per_tensor(1.0f, -128));
  EXPECT_EQ(quantization(graph, "r"), affine_quantization({0.0f, 200.0f}));
}

TEST(Calibrate, RefusesWhatIsNoNumber) {
  Graph graph = graph_of_two();
  EXPECT_THROW(calibrate(graph, {bytes_of({std::nanf(""), 1.0f})}, 1), Error);
  EXPECT_THROW(calibrate(graph, {bytes_of({1.0f, INFINITY})}, 1), Error);
}

}  // namespace
}  // namespace mote::compress
