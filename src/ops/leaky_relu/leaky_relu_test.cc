#include "ops/leaky_relu/leaky_relu.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

constexpr float kAlphas[] = {0.3f, 0.01f, 0.0f, 1.0f, 2.5f, -0.5f};

TEST(LeakyRelu, ScalesNegativeReals) {
  Random random(1, "leaky_relu");
  for (const float alpha : kAlphas)
    for (size_t rank = 1; rank <= 5; rank++) {
      const Graph graph = node_graph(ops::LeakyRelu{alpha}, {real(random_shape(rank, 6, random))});
      const auto inputs = random_inputs(graph, random);
      const auto x = elements_of<float>(inputs[0]);
      expect_computes<float>(graph, inputs, [&](size_t e) {
        return x[e] > 0.0f ? x[e] : static_cast<float>(static_cast<double>(x[e]) * alpha);
      });
    }
}

// The rescaled distance from the zero point, by factors of which each step was rounded to binary32.
int64_t rescaled(int64_t x, float input_scale, float alpha, float output_scale,
                 mote_rounding rounding) {
  const double step = static_cast<float>(static_cast<double>(input_scale) * (x < 0 ? alpha : 1.0f));
  const double factor = static_cast<float>(step / output_scale);
  mote_multiplier m = mote_quantize_multiplier(std::abs(factor));
  if (factor < 0.0) m.multiplier = -m.multiplier;
  return naive_rescale(x, m, rounding);
}

TEST(LeakyRelu, RescalesIntegersByTheirSign) {
  Random random(2, "leaky_relu");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const float alpha = kAlphas[i % std::size(kAlphas)], scale = random_scale(random);
    const int32_t zero_point = random_zero_point(random);
    const Quantization q =
        per_tensor(scale * random_scale(random, -2.0, 2.0), random_zero_point(random));
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(ops::LeakyRelu{alpha}, {int8(shape, scale, zero_point)}, q);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t value = rescaled(x[e] - zero_point, scale, alpha, q.scale[0], rounding);
        return clamp_int8(static_cast<double>(value + q.zero_point[0]), Activation::none, q);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(LeakyRelu, RescalesInt16) {
  Random random(3, "leaky_relu");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const float alpha = kAlphas[i % std::size(kAlphas)], scale = random_scale(random, -10.0, -4.0);
    const Quantization q = per_tensor(scale * random_scale(random, -2.0, 2.0), 0, 16);
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(ops::LeakyRelu{alpha}, {int16(shape, scale)}, q);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int16_t>(inputs[0]);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t value = rescaled(x[e], scale, alpha, q.scale[0], rounding);
        return clamp_int16(static_cast<double>(value), Activation::none, q);
      };
      expect_computes<int16_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(LeakyRelu, RefusesAlphasThatAreNoNumbers) {
  EXPECT_EQ(inference_error(ops::LeakyRelu{NAN}, {real({2})}), "alpha nan");
  EXPECT_EQ(inference_error(ops::LeakyRelu{-INFINITY}, {real({2})}), "alpha -inf");
}

TEST(LeakyRelu, RefusesARescalingThatLeaves32Bits) {
  const auto graph = [](float alpha, float scale) {
    return node_graph(ops::LeakyRelu{alpha}, {int8({4}, 1.0f, 0)}, per_tensor(scale, 0));
  };
  EXPECT_NO_THROW(NodeRun(graph(0.5f, 1.0f), {}));
  EXPECT_THROW(NodeRun(graph(0.5f, 1e-8f), {}), Error);
  EXPECT_THROW(NodeRun(graph(1e8f, 1.0f), {}), Error);
  EXPECT_THROW(NodeRun(graph(-1e8f, 1.0f), {}), Error);
  EXPECT_THROW(NodeRun(graph(3e38f, 1e-3f), {}), Error);  // infinite in binary32
}

TEST(LeakyRelu, IsLeakyReluInTflite) {
  const ops::LeakyRelu op{0.3f};
  expect_tflite(node_graph(op, {real({2, 3})}), "LEAKY_RELU", 1);
  expect_tflite(node_graph(op, {int8({2, 3}, 1.0f, 2)}, per_tensor(0.5f, -128)), "LEAKY_RELU", 2);
  expect_tflite(node_graph(op, {int16({2, 3}, 1.0f)}, per_tensor(0.5f, 0, 16)), "LEAKY_RELU", 2);
}

}  // namespace
}  // namespace mote
