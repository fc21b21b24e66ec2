#include "ops/add/add.h"

#include <gtest/gtest.h>

#include "tests/support/broadcast_cases.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Add, Broadcasts) {
  const auto inferred = [](const Shape& a, const Shape& b) {
    return op_def(ops::Add{}).infer(ops::Add{}, std::vector{real(a), real(b)}).at(0).shape;
  };
  EXPECT_EQ(inferred({2, 3, 4, 5}, {2, 3, 4, 5}), (Shape{2, 3, 4, 5}));
  EXPECT_EQ(inferred({1, 1, 1, 6}, {2, 5, 5, 6}), (Shape{2, 5, 5, 6}));
  EXPECT_EQ(inferred({5, 40}, {40}), (Shape{5, 40}));
  EXPECT_EQ(inferred({1, 8, 1, 6}, {1, 7, 6}), (Shape{1, 8, 7, 6}));
}

TEST(Add, NamesWhatDoesNotGoTogether) {
  EXPECT_EQ(inference_error(ops::Add{}, {real({2, 3}), real({2, 4})}),
            "shapes [2, 3] and [2, 4] do not broadcast");
  EXPECT_EQ(inference_error(ops::Add{}, {real({2}), int8({2}, 1.0f, 0)}),
            "operands float32[2] and int8[2] {scale: 1, zero_point: 0}");
}

TEST(Add, AddsReals) {
  Random random(1, "add");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Add op{c.activation};
    const Graph graph = node_graph(op, {real(c.a), real(c.b)});
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<float>(inputs[0]), b = elements_of<float>(inputs[1]);
    const RealRange range = range_of(op.activation);
    expect_computes<float>(graph, inputs, [&](size_t e) {
      return std::clamp(a[source(e, output, c.a)] + b[source(e, output, c.b)], range.min,
                        range.max);
    });
  }
}

TEST(Add, AddsIntegersByTheFormula) {
  Random random(2, "add");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Add op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q =
        per_tensor((s1 + s2) * random_scale(random, -1.5, 1.0), random_zero_point(random));
    const int32_t z1 = random_zero_point(random), z2 = random_zero_point(random);
    const Graph graph = node_graph(op, {int8(c.a, s1, z1), int8(c.b, s2, z2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int8_t>(inputs[0]), b = elements_of<int8_t>(inputs[1]);
    const double shared = 2.0 * std::max(s1, s2);
    const mote_multiplier m1 = mote_quantize_multiplier(s1 / shared),
                          m2 = mote_quantize_multiplier(s2 / shared),
                          m = mote_quantize_multiplier(shared / (0x1p20 * q.scale[0]));
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t x = int64_t{1048576} * (a[source(e, output, c.a)] - z1);
        const int64_t y = int64_t{1048576} * (b[source(e, output, c.b)] - z2);
        const int64_t sum = naive_rescale(x, m1, rounding) + naive_rescale(y, m2, rounding);
        const auto value = static_cast<double>(naive_rescale(sum, m, rounding));
        return clamp_int8(value + q.zero_point[0], op.activation, q);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Add, AddsInt16ByTheFormula) {
  Random random(3, "add");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Add op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q = per_tensor((s1 + s2) * random_scale(random, -1.5, 1.0), 0, 16);
    const Graph graph = node_graph(op, {int16(c.a, s1), int16(c.b, s2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int16_t>(inputs[0]), b = elements_of<int16_t>(inputs[1]);
    const double shared = 2.0 * std::max(s1, s2);
    const mote_multiplier m1 = mote_quantize_multiplier(s1 / shared),
                          m2 = mote_quantize_multiplier(s2 / shared),
                          m = mote_quantize_multiplier(shared / (0x1p15 * q.scale[0]));
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto rescale = [](int64_t value, mote_multiplier by) {
        return naive_rescale(value, by, MOTE_ROUNDING_DOUBLE);  // whatever `rounding` says
      };
      const auto naive = [&](size_t e) {
        const int64_t x = int64_t{32768} * a[source(e, output, c.a)];
        const int64_t y = int64_t{32768} * b[source(e, output, c.b)];
        const int64_t sum = rescale(x, m1) + rescale(y, m2);
        return clamp_int16(static_cast<double>(rescale(sum, m)), op.activation, q);
      };
      expect_computes<int16_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Add, TakesConstantOperands) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real({1, 2, 2, 2}))};
  const ValueId constant = add_constant(graph, "bias", Shape{2}, {10.0f, 20.0f});
  graph.outputs = {add_node(graph, ops::Add{}, {constant, graph.inputs[0]}, "node")};
  const std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7};
  const Bytes output = run_node(graph, {{to_bytes(std::span<const float>(x))}});
  EXPECT_EQ(elements_of<float>(output), (std::vector<float>{10, 21, 12, 23, 14, 25, 16, 27}));
}

TEST(Add, RefusesAnOutputScaleThatTheFixedPointCannotReach) {
  const Graph graph =
      node_graph(ops::Add{}, {int8({4}, 1.0f, 0), int8({4}, 1.0f, 0)}, per_tensor(1e-6f, 0));
  EXPECT_THROW(NodeRun(graph, {}), Error);
}

TEST(Add, IsAddInTflite) {
  expect_tflite(node_graph(ops::Add{Activation::relu6}, {real({1, 4}), real({4})}), "ADD", 1);
  expect_tflite(
      node_graph(ops::Add{}, {int8({4}, 0.5f, 1), int8({4}, 0.25f, 2)}, per_tensor(1.0f, 3)), "ADD",
      2);
  expect_tflite(
      node_graph(ops::Add{}, {int16({4}, 0.5f), int16({4}, 0.25f)}, per_tensor(1.0f, 0, 16)), "ADD",
      3);
}

}  // namespace
}  // namespace mote
