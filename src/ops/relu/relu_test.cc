#include "ops/relu/relu.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Relu, CutsReals) {
  Random random(1, "relu");
  for (size_t rank = 1; rank <= 5; rank++) {
    const Graph graph = node_graph(ops::Relu{}, {real(random_shape(rank, 6, random))});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<float>(inputs[0]);
    expect_computes<float>(graph, inputs, [&](size_t e) { return std::max(x[e], 0.0f); });
  }
}

TEST(Relu, RescalesIntegersByTheBinary32Quotient) {
  Random random(2, "relu");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const float scale = random_scale(random);
    const int32_t zero_point = random_zero_point(random);
    const Quantization q =
        per_tensor(scale * random_scale(random, -2.0, 2.0), random_zero_point(random));
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(ops::Relu{}, {int8(shape, scale, zero_point)}, q);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    const float quotient = scale / q.scale[0];
    const mote_multiplier m = mote_quantize_multiplier(quotient);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const auto value = static_cast<double>(naive_rescale(x[e] - zero_point, m, rounding));
        return clamp_int8(value + q.zero_point[0], Activation::relu, q);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Relu, RescalesInt16) {
  Random random(3, "relu");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const float scale = random_scale(random, -10.0, -4.0);
    const Quantization q = per_tensor(scale * random_scale(random, -2.0, 2.0), 0, 16);
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(ops::Relu{}, {int16(shape, scale)}, q);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int16_t>(inputs[0]);
    const mote_multiplier m = mote_quantize_multiplier(scale / q.scale[0]);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        return clamp_int16(static_cast<double>(naive_rescale(x[e], m, rounding)), Activation::relu,
                           q);
      };
      expect_computes<int16_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Relu, RefusesARescalingThatLeaves32Bits) {
  const Graph graph = node_graph(ops::Relu{}, {int8({4}, 1e4f, 0)}, per_tensor(1e-4f, 0));
  EXPECT_THROW(NodeRun(graph, {}), Error);
  const Graph wide = node_graph(ops::Relu{}, {int16({4}, 1.0f)}, per_tensor(1e-5f, 0, 16));
  EXPECT_THROW(NodeRun(wide, {}), Error);
}

TEST(Relu, IsReluInTflite) {
  expect_tflite(node_graph(ops::Relu{}, {real({2, 3})}), "RELU", 1);
  expect_tflite(node_graph(ops::Relu{}, {int8({2, 3}, 1.0f, 2)}, per_tensor(0.5f, -128)), "RELU",
                2);
  expect_tflite(node_graph(ops::Relu{}, {int16({2, 3}, 1.0f)}, per_tensor(0.5f, 0, 16)), "RELU", 3);
}

}  // namespace
}  // namespace mote
