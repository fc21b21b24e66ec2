#include "ops/sub/sub.h"

#include <gtest/gtest.h>

#include "tests/support/broadcast_cases.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Sub, SubtractsReals) {
  Random random(1, "sub");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Sub op{c.activation};
    const Graph graph = node_graph(op, {real(c.a), real(c.b)});
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<float>(inputs[0]), b = elements_of<float>(inputs[1]);
    const RealRange range = range_of(op.activation);
    expect_computes<float>(graph, inputs, [&](size_t e) {
      return std::clamp(a[source(e, output, c.a)] - b[source(e, output, c.b)], range.min,
                        range.max);
    });
  }
}

// The binary32 quotient: of binary32 operands, rounding the binary64 quotient once more changes
// nothing.
double quotient(double a, double b) {
  return static_cast<float>(a / b);
}

struct Multipliers {
  mote_multiplier a, b, output;
};
Multipliers multipliers_of(double a, double b, double output, double fixed_point) {
  const double shared = 2.0 * std::max(a, b);
  return {mote_quantize_multiplier(quotient(a, shared)),
          mote_quantize_multiplier(quotient(b, shared)),
          mote_quantize_multiplier(quotient(shared, fixed_point * output))};
}

TEST(Sub, SubtractsIntegersByTheFormula) {
  Random random(2, "sub");
  for (int i = 0; i < 100; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Sub op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q =
        per_tensor((s1 + s2) * random_scale(random, -1.5, 1.0), random_zero_point(random));
    const int32_t z1 = random_zero_point(random), z2 = random_zero_point(random);
    const Graph graph = node_graph(op, {int8(c.a, s1, z1), int8(c.b, s2, z2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int8_t>(inputs[0]), b = elements_of<int8_t>(inputs[1]);
    const auto m = multipliers_of(s1, s2, q.scale[0], 0x1p20);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t x = int64_t{1048576} * (a[source(e, output, c.a)] - z1);
        const int64_t y = int64_t{1048576} * (b[source(e, output, c.b)] - z2);
        const int64_t sum = naive_rescale(x, m.a, rounding) - naive_rescale(y, m.b, rounding);
        const auto value = static_cast<double>(naive_rescale(sum, m.output, rounding));
        return clamp_int8(value + q.zero_point[0], op.activation, q);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Sub, SubtractsInt16ByTheFormula) {
  Random random(3, "sub");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const BroadcastCase c = random_broadcast(random);
    const ops::Sub op{c.activation};
    const float s1 = random_scale(random), s2 = random_scale(random);
    const Quantization q = per_tensor((s1 + s2) * random_scale(random, -1.5, 1.0), 0, 16);
    const Graph graph = node_graph(op, {int16(c.a, s1), int16(c.b, s2)}, q);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto a = elements_of<int16_t>(inputs[0]), b = elements_of<int16_t>(inputs[1]);
    const auto m = multipliers_of(s1, s2, q.scale[0], 0x1p15);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const int64_t x = int64_t{32768} * a[source(e, output, c.a)];
        const int64_t y = int64_t{32768} * b[source(e, output, c.b)];
        const int64_t sum = naive_rescale(x, m.a, rounding) - naive_rescale(y, m.b, rounding);
        return clamp_int16(static_cast<double>(naive_rescale(sum, m.output, rounding)),
                           op.activation, q);
      };
      expect_computes<int16_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Sub, TakesConstantOperands) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real({1, 2, 2, 2}))};
  const ValueId constant = add_constant(graph, "mean", Shape{2}, {10.0f, 20.0f});
  graph.outputs = {add_node(graph, ops::Sub{}, {constant, graph.inputs[0]}, "node")};
  const std::vector<float> x = {0, 1, 2, 3, 4, 5, 6, 7};
  const Bytes output = run_node(graph, {{to_bytes(std::span<const float>(x))}});
  EXPECT_EQ(elements_of<float>(output), (std::vector<float>{10, 19, 8, 17, 6, 15, 4, 13}));
}

TEST(Sub, NamesWhatDoesNotGoTogether) {
  EXPECT_EQ(inference_error(ops::Sub{}, {real({2, 3}), real({2, 4})}),
            "shapes [2, 3] and [2, 4] do not broadcast");
}

TEST(Sub, RefusesAnOutputScaleThatTheFixedPointCannotReach) {
  const Graph graph =
      node_graph(ops::Sub{}, {int8({4}, 1.0f, 0), int8({4}, 1.0f, 0)}, per_tensor(1e-6f, 0));
  EXPECT_THROW(NodeRun(graph, {}), Error);
}

TEST(Sub, IsSubInTflite) {
  expect_tflite(node_graph(ops::Sub{Activation::relu6}, {real({1, 4}), real({4})}), "SUB", 1);
  expect_tflite(
      node_graph(ops::Sub{}, {int8({4}, 0.5f, 1), int8({4}, 0.25f, 2)}, per_tensor(1.0f, 3)), "SUB",
      2);
  expect_tflite(
      node_graph(ops::Sub{}, {int16({4}, 0.5f), int16({4}, 0.25f)}, per_tensor(1.0f, 0, 16)), "SUB",
      5);
}

}  // namespace
}  // namespace mote
