#include "ops/relu6/relu6.h"

#include <gtest/gtest.h>

#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Relu6, CutsReals) {
  Random random(1, "relu6");
  for (size_t rank = 1; rank <= 4; rank++) {
    const Graph graph = node_graph(ops::Relu6{}, {real(random_shape(rank, 6, random))});
    std::vector<float> x(elements_of<float>(random_inputs(graph, random)[0]));
    for (float& element : x) element *= 6.0f;
    const std::vector<Bytes> inputs = {to_bytes(std::span<const float>(x))};
    expect_computes<float>(graph, inputs, [&](size_t e) { return std::clamp(x[e], 0.0f, 6.0f); });
  }
}

TEST(Relu6, CutsIntegersWithoutRescaling) {
  Random random(2, "relu6");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const Quantization q = per_tensor(random_scale(random, -5.0, 2.0), random_zero_point(random));
    const TensorType type = {DType::int8, random_shape(1 + random.below(4), 8, random), q};
    const Graph graph = node_graph(ops::Relu6{}, {type}, q);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    expect_computes<int8_t>(graph, inputs,
                            [&](size_t e) { return clamp_int8(x[e], Activation::relu6, q); });
  }
}

TEST(Relu6, CutsInt16) {
  Random random(3, "relu6");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const TensorType type =
        int16(random_shape(1 + random.below(4), 8, random), random_scale(random, -10.0, 0.0));
    const Graph graph = node_graph(ops::Relu6{}, {type}, type.quantization);
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int16_t>(inputs[0]);
    expect_computes<int16_t>(graph, inputs, [&](size_t e) {
      return clamp_int16(x[e], Activation::relu6, *type.quantization);
    });
  }
}

TEST(Relu6, KeepsItsInputsQuantization) {
  EXPECT_THROW(node_graph(ops::Relu6{}, {int8({4}, 1.0f, 0)}, per_tensor(0.5f, 0)), Error);
}

TEST(Relu6, IsRelu6InTflite) {
  expect_tflite(node_graph(ops::Relu6{}, {real({2, 3})}), "RELU6", 1);
  expect_tflite(node_graph(ops::Relu6{}, {int8({2, 3}, 0.5f, 2)}, per_tensor(0.5f, 2)), "RELU6", 2);
  expect_tflite(node_graph(ops::Relu6{}, {int16({2, 3}, 0.5f)}, per_tensor(0.5f, 0, 16)), "RELU6",
                3);
}

}  // namespace
}  // namespace mote
