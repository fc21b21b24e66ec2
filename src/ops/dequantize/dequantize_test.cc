#include "ops/dequantize/dequantize.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Dequantize, TakesIntegersOnly) {
  EXPECT_EQ(inference_error(ops::Dequantize{}, {real({2, 3})}), "dequantizes float32[2, 3]");
  EXPECT_EQ(inference_error(ops::Dequantize{}, {int8({2, 3}, 1.0f, 0)}), "none");
}

TEST(Dequantize, GivesTheRealThatAnIntegerStandsFor) {
  Random random(1, "dequantize");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const float scale = random_scale(random, -8.0, 4.0);
    const int32_t zero_point = random_zero_point(random);
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const Graph graph = node_graph(ops::Dequantize{}, {int8(shape, scale, zero_point)});
    const auto inputs = random_inputs(graph, random);
    const auto q = elements_of<int8_t>(inputs[0]);
    expect_computes<float>(graph, inputs, [&](size_t e) {
      return static_cast<float>(static_cast<double>(scale) * (q[e] - zero_point));
    });
  }
}

TEST(Dequantize, TakesInt16) {
  Random random(2, "dequantize");
  const TensorType type = int16({3, 4, 5, 6}, 0.00123f);
  const Graph graph = node_graph(ops::Dequantize{}, {type});
  const auto inputs = random_inputs(graph, random);
  const auto q = elements_of<int16_t>(inputs[0]);
  expect_computes<float>(graph, inputs, [&](size_t e) {
    return static_cast<float>(static_cast<double>(type.quantization->scale[0]) * q[e]);
  });
}

TEST(Dequantize, IsDequantizeInTflite) {
  expect_tflite(node_graph(ops::Dequantize{}, {int8({2, 3}, 0.25f, 2)}), "DEQUANTIZE", 2);
  expect_tflite(node_graph(ops::Dequantize{}, {int16({2, 3}, 0.25f)}), "DEQUANTIZE", 3);
}

}  // namespace
}  // namespace mote
