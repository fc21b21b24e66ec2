#include "ops/quantize/quantize.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Quantize, DeterminesTheQuantizationOfItsOutput) {
  const ops::Quantize op{DType::int8, 0.5f, 3};
  const TensorType output = op_def(op).infer(op, std::vector{real({2, 5})});
  EXPECT_EQ(output, int8({2, 5}, 0.5f, 3));
  EXPECT_EQ(inference_error(ops::Quantize{DType::float32, 1.0f, 0}, {real({2})}),
            "quantizes to float32; int8 and int16 do");
  EXPECT_EQ(inference_error(ops::Quantize{DType::int8, 0.0f, 0}, {real({2})}), "scale 0");
}

TEST(Quantize, RoundsRealsToTheNearest) {
  Random random(1, "quantize");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const ops::Quantize op{DType::int8, random_scale(random), random_zero_point(random)};
    const Graph graph = node_graph(op, {real(random_shape(1 + random.below(4), 8, random))});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<float>(inputs[0]);
    expect_computes<int8_t>(graph, inputs, [&](size_t e) {
      const auto steps = static_cast<double>(x[e] / op.scale);
      return std::clamp(std::round(steps) + op.zero_point, -128.0, 127.0);
    });
  }
}

TEST(Quantize, RoundsTiesAwayFromZeroAndSaturates) {
  const Graph graph = node_graph(ops::Quantize{DType::int8, 2.0f, 1}, {real({7})});
  const std::vector<float> x = {1.0f, -1.0f, 3.0f, -3.0f, 1e30f, -1e30f, 0.999f};
  const Bytes output = run_node(graph, {{to_bytes(std::span<const float>(x))}});
  EXPECT_EQ(elements_of<int8_t>(output), (std::vector<int8_t>{2, 0, 3, -1, 127, -128, 1}));
}

TEST(Quantize, RescalesIntegers) {
  Random random(2, "quantize");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const float scale = random_scale(random);
    const int32_t zero_point = random_zero_point(random);
    const ops::Quantize op{DType::int8, scale * random_scale(random, -2.0, 2.0),
                           random_zero_point(random)};
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(op, {int8(shape, scale, zero_point)});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    const mote_multiplier m = mote_quantize_multiplier(static_cast<double>(scale) / op.scale);
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
      const auto naive = [&](size_t e) {
        const auto value = static_cast<double>(naive_rescale(x[e] - zero_point, m, rounding));
        return std::clamp(value + op.zero_point, -128.0, 127.0);
      };
      expect_computes<int8_t>(graph, inputs, naive, 0.0, {.rounding = rounding});
    }
  }
}

TEST(Quantize, HasNoKernelForInt16) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real({2}))};
  const ops::Quantize op{DType::int16, 1.0f, 0};
  graph.outputs = {add_node(graph, op, graph.inputs, "node")};
  try {
    NodeRun(graph, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.message, "no kernel makes int16 from float32");
  }
}

TEST(Quantize, IsQuantizeInTflite) {
  const ops::Quantize op{DType::int8, 0.5f, 3};
  expect_tflite(node_graph(op, {real({2, 3})}), "QUANTIZE", 1);
  expect_tflite(node_graph(op, {int8({2, 3}, 0.25f, 2)}), "QUANTIZE", 1);
}

}  // namespace
}  // namespace mote
