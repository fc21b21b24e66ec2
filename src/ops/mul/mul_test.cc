#include "ops/mul/mul.h"

#include <gtest/gtest.h>

#include "tests/support/broadcast_cases.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Mul, MultipliesReals) {
  Random random(1, "mul");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Mul op{c.activation};
    const Graph graph = node_graph(op, {real(c.a), real(c.b)});
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<float>(inputs[0]), b = elements_of<float>(inputs[1]);
    const RealRange range = range_of(op.activation);
    expect_computes<float>(graph, inputs, [&](size_t e) {
      return std::clamp(a[source(e, output, c.a)] * b[source(e, output, c.b)], range.min,
                        range.max);
    });
  }
}

TEST(Mul, MultipliesIntegersByTheFormula) {
  Random random(2, "mul");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Mul op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q =
        per_tensor(s1 * s2 * random_scale(random, -2.0, 6.0), random_zero_point(random));
    const int32_t z1 = random_zero_point(random), z2 = random_zero_point(random);
    const Graph graph = node_graph(op, {int8(c.a, s1, z1), int8(c.b, s2, z2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int8_t>(inputs[0]), b = elements_of<int8_t>(inputs[1]);
    const mote_multiplier m =
        mote_quantize_multiplier(static_cast<double>(s1) * s2 / static_cast<double>(q.scale[0]));
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t product =
            int64_t{a[source(e, output, c.a)] - z1} * (b[source(e, output, c.b)] - z2);
        const auto value = static_cast<double>(naive_rescale(product, m, rounding));
        return clamp_int8(value + q.zero_point[0], op.activation, q);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Mul, MultipliesInt16ByTheFormula) {
  Random random(3, "mul");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Mul op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q = per_tensor(s1 * s2 * random_scale(random, 1.0, 12.0), 0, 16);
    const Graph graph = node_graph(op, {int16(c.a, s1), int16(c.b, s2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int16_t>(inputs[0]), b = elements_of<int16_t>(inputs[1]);
    const mote_multiplier m =
        mote_quantize_multiplier(static_cast<double>(s1) * s2 / static_cast<double>(q.scale[0]));
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t product = int64_t{a[source(e, output, c.a)]} * b[source(e, output, c.b)];
        return clamp_int16(static_cast<double>(naive_rescale(product, m, rounding)), op.activation,
                           q);
      };
      expect_computes<int16_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Mul, RefusesAnOutputScaleThatInt32CannotReach) {
  const std::vector<TensorType> inputs = {int8({4}, 1.0f, 0), int8({4}, 1.0f, 0)};
  EXPECT_NO_THROW(NodeRun(node_graph(ops::Mul{}, inputs, per_tensor(0x1p-14f, 0)), {}));
  EXPECT_THROW(NodeRun(node_graph(ops::Mul{}, inputs, per_tensor(0x1p-15f, 0)), {}), Error);
  const std::vector<TensorType> wide = {int16({4}, 1.0f), int16({4}, 1.0f)};
  EXPECT_NO_THROW(NodeRun(node_graph(ops::Mul{}, wide, per_tensor(2.0f, 0, 16)), {}));
  EXPECT_THROW(NodeRun(node_graph(ops::Mul{}, wide, per_tensor(1.0f, 0, 16)), {}), Error);
}

TEST(Mul, IsMulInTflite) {
  expect_tflite(node_graph(ops::Mul{Activation::relu6}, {real({1, 4}), real({4})}), "MUL", 1);
  expect_tflite(
      node_graph(ops::Mul{}, {int8({4}, 0.5f, 1), int8({4}, 0.25f, 2)}, per_tensor(1.0f, 3)), "MUL",
      2);
  expect_tflite(
      node_graph(ops::Mul{}, {int16({4}, 0.5f), int16({4}, 0.25f)}, per_tensor(1.0f, 0, 16)), "MUL",
      4);
}

}  // namespace
}  // namespace mote
