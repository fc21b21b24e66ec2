#include "compress/quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compress/calibrate/calibrate.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/error.h"
#include "ir/random.h"
#include "ops/verify.h"

namespace mote::compress {
namespace {

constexpr int32_t kSamples = 32;

std::vector<float> random_floats(Random& random, int64_t count, double reach) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; i++)
    numbers.push_back(static_cast<float>(random.uniform(-reach, reach)));
  return numbers;
}

// input [1, 6, 6, 2] -> conv 3x3 (4) relu -> depthwise 3x3 -> max pool -> dense (5) -> softmax
Graph small_network() {
  Random random(7);
  Graph graph;
  graph.name = "small";
  ValueId x = add_value(graph, "x", {DType::float32, {1, 6, 6, 2}, {}});
  graph.inputs = {x};
  const auto weights = [&](const std::string& name, Shape shape, double reach) {
    return add_constant(graph, name, shape, random_floats(random, element_count(shape), reach));
  };
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  conv.activation = Activation::relu;
  x = add_node(graph, conv, {x, weights("w1", {4, 3, 3, 2}, 0.5), weights("b1", {4}, 0.3)}, "c1");
  ops::DepthwiseConv2D depthwise;
  depthwise.padding = {1, 1, 1, 1};
  x = add_node(graph, depthwise, {x, weights("w2", {1, 3, 3, 4}, 0.4), weights("b2", {4}, 0.2)},
               "d2");
  ops::MaxPool2D pool;
  pool.window = pool.stride = {2, 2};
  x = add_node(graph, pool, {x}, "p3");
  x = add_node(graph, ops::Reshape{{1, 36}}, {x}, "r4");
  x = add_node(graph, ops::FullyConnected{},
               {x, weights("w5", {5, 36}, 0.3), weights("b5", {5}, 0.2)}, "f5");
  x = add_node(graph, ops::Softmax{}, {x}, "y");
  graph.outputs = {x};
  return graph;
}

Bytes samples() {
  Random random(11);
  const std::vector<float> numbers = random_floats(random, kSamples * 72, 1.0);
  return to_bytes(std::span<const float>(numbers));
}

TEST(Quantize, StaysCloseToTheFloatNetwork) {
  Graph graph = small_network();
  const Bytes inputs = samples();
  calibrate(graph, {inputs}, kSamples);
  const Graph quantized = quantize_int8(graph);
  verify(quantized, Level::quantized);

  const Program exact = deploy::lower(graph, deploy::host_device());
  const Program integer = deploy::lower(quantized, deploy::host_device());
  const Quantization in = *quantized.value(quantized.inputs[0]).type.quantization;
  double worst = 0;
  for (size_t s = 0; s < kSamples; s++) {
    const Bytes real(inputs.begin() + static_cast<ptrdiff_t>(s * 288),
                     inputs.begin() + static_cast<ptrdiff_t>((s + 1) * 288));
    Bytes codes;
    for (size_t i = 0; i < 72; i++) {
      const float value = reinterpret_cast<const float*>(real.data())[i];
      const double code = std::round(value / in.scale[0]) + in.zero_point[0];
      codes.push_back(static_cast<uint8_t>(static_cast<int8_t>(std::clamp(code, -128.0, 127.0))));
    }
    const std::vector<Bytes> a = interpret::run(exact, std::vector<Bytes>{real});
    const std::vector<Bytes> b = interpret::run(integer, std::vector<Bytes>{codes});
    for (size_t i = 0; i < 5; i++) {
      const float expected = reinterpret_cast<const float*>(a[0].data())[i];
      const double got = (static_cast<int8_t>(b[0][i]) + 128) / 256.0;
      worst = std::max(worst, std::abs(expected - got));
    }
  }
  EXPECT_LT(worst, 0.03);
}

TEST(Quantize, KeepsNamesAndFollowsTheSpecification) {
  Graph graph = small_network();
  calibrate(graph, {samples()}, kSamples);
  const Graph quantized = quantize_int8(graph);
  const auto type_of = [&](const std::string& name) {
    for (const Value& value : quantized.values)
      if (value.name == name) return value.type;
    ADD_FAILURE() << "no value " << name;
    return TensorType{};
  };
  EXPECT_EQ(type_of("w1").quantization->axis, 0);
  EXPECT_EQ(type_of("w2").quantization->axis, 3);
  EXPECT_EQ(type_of("b1").dtype, DType::int32);
  EXPECT_EQ(type_of("c1").quantization->zero_point[0], -128);  // a ReLU reaches no negative number
  EXPECT_EQ(type_of("p3").quantization, type_of("d2").quantization);
  EXPECT_EQ(type_of("y").quantization, per_tensor(1.0f / 256.0f, -128));
  EXPECT_EQ(type_of("b1").quantization->scale[2],
            type_of("x").quantization->scale[0] * type_of("w1").quantization->scale[2]);
}

TEST(Quantize, AChannelOfZerosKeepsItsBias) {
  Graph graph;
  graph.name = "zeros";
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, {}});
  graph.inputs = {x};
  const ValueId w = add_constant(graph, "w", {2, 2}, {0, 0, 1, -1});
  const ValueId b = add_constant(graph, "b", {2}, {3.0f, 0.5f});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, w, b}, "y")};
  const std::vector<float> sample = {1.0f, -1.0f};
  calibrate(graph, {to_bytes(std::span<const float>(sample))}, 1);
  const Graph quantized = quantize_int8(graph);
  const Program program = deploy::lower(quantized, deploy::host_device());
  const std::vector<Bytes> outputs = interpret::run(program, std::vector<Bytes>{{127, 128}});
  const Quantization out = *quantized.value(quantized.outputs[0]).type.quantization;
  const float first =
      out.scale[0] * static_cast<float>(static_cast<int8_t>(outputs[0][0]) - out.zero_point[0]);
  EXPECT_NEAR(first, 3.0f, out.scale[0]);
}

TEST(Quantize, WeightScalesReachTheEndsOfTheNarrowRange) {
  Graph graph;
  const ValueId w = add_constant(graph, "w", {3, 2}, {0.5f, -2.0f, 0, 0, 1.27f, 0.1f});
  const Quantization q = weight_quantization(graph.value(w), 0);
  EXPECT_FLOAT_EQ(q.scale[0], 2.0f / 127);
  EXPECT_FLOAT_EQ(q.scale[1], 2.0f / 127);
  EXPECT_FLOAT_EQ(q.scale[2], 0.01f);
  EXPECT_FLOAT_EQ(weight_quantization(graph.value(w), -1, 4).scale[0], 2.0f / 7);
}

}  // namespace
}  // namespace mote::compress
