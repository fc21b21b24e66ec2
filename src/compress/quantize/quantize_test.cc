#include "compress/quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "compress/calibrate/calibrate.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/requantization.h"
#include "ops/verify.h"
#include "tests/support/random_data.h"

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

// input [1, 6, 6, 2] -> transposed conv 2x2, stride 2 (3) -> leaky relu -> every other row and the
// first two channels -> minus a constant per channel
Graph decoder_network() {
  Random random(8);
  Graph graph;
  graph.name = "decoder";
  ValueId x = add_value(graph, "x", {DType::float32, {1, 6, 6, 2}, {}});
  graph.inputs = {x};
  const ValueId weights =
      add_constant(graph, "w1", Shape{3, 2, 2, 2}, random_floats(random, 24, 0.5));
  const ValueId bias = add_constant(graph, "b1", Shape{3}, random_floats(random, 3, 0.3));
  ops::TransposeConv conv;
  conv.stride = {2, 2};
  x = add_node(graph, conv, {x, weights, bias}, "up");
  x = add_node(graph, ops::LeakyRelu{0.1f}, {x}, "leaky");
  x = add_node(graph, ops::StridedSlice{{0, 0, 0, 0}, {-1, 6, -1, 2}, {1, 2, 1, 1}}, {x}, "cut");
  const ValueId mean = add_constant(graph, "mean", Shape{2}, {0.3f, -0.2f});
  graph.outputs = {add_node(graph, ops::Sub{}, {x, mean}, "y")};
  return graph;
}

Bytes samples() {
  Random random(11);
  const std::vector<float> numbers = random_floats(random, kSamples * 72, 1.0);
  return to_bytes(std::span<const float>(numbers));
}

Graph quantized_network(const QuantizeOptions& options, Graph graph = small_network()) {
  calibrate(graph, {samples()}, kSamples, {.scheme = options.scheme});
  return quantize(graph, options);
}

const Value& value_of(const Graph& graph, const std::string& name) {
  for (const Value& value : graph.values)
    if (value.name == name) return value;
  throw Error(ErrorKind::internal, "no value " + name);
}

// The real that integer `i` of a tensor stands for.
double real_of(const TensorType& type, const Bytes& bytes, size_t i) {
  const Quantization& q = type.quantization.value();
  const auto steps = testing::integer_at(bytes, type.dtype, i) - q.zero_point[0];
  return static_cast<double>(q.scale[0]) * static_cast<double>(steps);
}

// The largest difference of an output from the float network's, over the samples.
double worst_error(const QuantizeOptions& options, const Graph& network = small_network()) {
  const Graph quantized_graph = quantized_network(options, network);
  const Program exact = deploy::lower(network, deploy::host_device());
  const Program integer = deploy::lower(quantized_graph, deploy::host_device());
  const Bytes all = samples();
  const std::span<const float> reals(reinterpret_cast<const float*>(all.data()), kSamples * 72);
  double worst = 0;
  for (size_t s = 0; s < kSamples; s++) {
    const std::span<const float> real = reals.subspan(s * 72, 72);
    const std::vector<Bytes> a = interpret::run(exact, std::vector<Bytes>{to_bytes(real)});
    const std::vector<Bytes> b =
        interpret::run(integer, std::vector<Bytes>{quantized(integer.inputs[0].type, real)});
    for (size_t i = 0; i < a[0].size() / sizeof(float); i++) {
      const float expected = reinterpret_cast<const float*>(a[0].data())[i];
      worst = std::max(worst, std::abs(expected - real_of(integer.outputs[0].type, b[0], i)));
    }
  }
  return worst;
}

TEST(Quantize, StaysCloseToTheFloatNetwork) {
  EXPECT_LT(worst_error({}), 0.03);
  EXPECT_LT(worst_error({.scheme = Scheme::int16x8}), 0.005);
  EXPECT_LT(worst_error({.scheme = Scheme::int16x8, .bias_bits = 32}), 0.005);
}

TEST(Quantize, StaysCloseToTheFloatDecoder) {
  const Graph network = decoder_network();
  EXPECT_LT(worst_error({}, network), 0.03);
  EXPECT_LT(worst_error({.scheme = Scheme::int16x8}, network), 0.003);
  // TransposeConv's bias has 64 bits whatever is asked for.
  const QuantizeOptions narrow = {.scheme = Scheme::int16x8, .bias_bits = 32};
  EXPECT_LT(worst_error(narrow, network), 0.003);
  EXPECT_EQ(value_of(quantized_network(narrow, network), "b1").type.dtype, DType::int64);
}

TEST(Quantize, FewerBitsOfWeightsCostMore) {
  double previous = worst_error({.scheme = Scheme::int16x8});
  for (const int32_t bits : {6, 4, 2}) {
    const double error = worst_error({.scheme = Scheme::int16x8, .weight_bits = bits});
    EXPECT_GT(error, 1.5 * previous) << bits;
    previous = error;
  }
  EXPECT_LT(worst_error({.weight_bits = 4}), 0.2);
  for (const std::string name : {"w1", "w2", "w5"}) {
    const Graph graph = quantized_network({.weight_bits = 4});
    const Value& weights = value_of(graph, name);
    EXPECT_EQ(weights.type.quantization->bits, 4);
    const auto [least, most] = std::ranges::minmax(data_as<int8_t>(weights));
    EXPECT_EQ(std::max(-least, int{most}), 7) << name;
  }
}

TEST(Quantize, Float16IsTheNearestHalf) {
  const Graph exact = small_network();
  const Graph graph = quantize(exact, {.scheme = Scheme::float16});
  for (const Value& value : exact.values) {
    const Value& half = value_of(graph, value.name);
    if (!value.constant()) {
      EXPECT_EQ(half.type, value.type) << value.name;
      continue;
    }
    EXPECT_EQ(half.type, (TensorType{DType::float16, value.type.shape, {}})) << value.name;
    const std::vector<float> rounded = float_data(half), reals = float_data(value);
    for (size_t i = 0; i < reals.size(); i++)
      EXPECT_LE(std::abs(rounded[i] - reals[i]), std::max(std::abs(reals[i]) * 0x1p-11, 0x1p-25));
  }
}

TEST(Quantize, WhatIsPrunedStaysZeroAndMasked) {
  Graph pruned = small_network();
  for (Value& value : pruned.values) {
    if (!value.constant() || value.type.shape.size() < 2) continue;
    std::vector<float> data = float_data(value);
    Bytes mask(data.size(), 1);
    for (size_t i = 0; i < data.size(); i += 3) data[i] = mask[i] = 0;
    value.data = std::make_shared<const Bytes>(to_bytes(std::span<const float>(data)));
    value.mask = std::make_shared<const Bytes>(mask);
  }
  for (const Scheme scheme : {Scheme::float16, Scheme::dynamic_range, Scheme::int8}) {
    // Both verify that zeros are zero.
    const Graph graph = info_of(scheme).integer_activations()
                            ? quantized_network({.scheme = scheme}, pruned)
                            : quantize(pruned, {.scheme = scheme});
    for (const Value& value : pruned.values)
      if (value.mask) {
        EXPECT_EQ(value_of(graph, value.name).mask, value.mask) << value.name;
      }
  }
}

TEST(Quantize, BeyondFloat16IsAnError) {
  const auto message = [](float weight, float bias) -> std::string {
    Graph graph;
    graph.inputs = {add_value(graph, "x", {DType::float32, {1, 1}, {}})};
    const ValueId w = add_constant(graph, "w", {1, 1}, {weight});
    const ValueId b = add_constant(graph, "b", {1}, {bias});
    graph.outputs = {add_node(graph, ops::FullyConnected{}, {graph.inputs[0], w, b}, "y")};
    try {
      quantize(graph, {.scheme = Scheme::float16});
    } catch (const Error& error) {
      EXPECT_EQ(error.where, weight == 1 ? "value 'b'" : "value 'w'");
      return error.message;
    }
    return "none";
  };
  EXPECT_EQ(message(65519, 1), "none");
  EXPECT_EQ(message(65520, 1), "65520 is beyond float16, which ends at 65504");
  EXPECT_EQ(message(1, -1e6f), "-1000000 is beyond float16, which ends at 65504");
  EXPECT_EQ(message(1, HUGE_VALF), "inf is beyond float16, which ends at 65504");
}

TEST(Quantize, RefusesBitsThatTheSchemeDoesNotHave) {
  EXPECT_THROW(quantized_network({.weight_bits = 9}), Error);
  EXPECT_THROW(quantized_network({.weight_bits = 1}), Error);
  EXPECT_THROW(quantized_network({.scheme = Scheme::int16x8, .bias_bits = 16}), Error);
}

TEST(Quantize, Int16x8FollowsTheSpecification) {
  const Graph graph = quantized_network({.scheme = Scheme::int16x8});
  for (const Value& value : graph.values) {
    const Quantization& q = value.type.quantization.value();
    EXPECT_EQ(q.bits, 8 * size_of(value.type.dtype)) << value.name;
    for (const int32_t zero_point : q.zero_point) EXPECT_EQ(zero_point, 0) << value.name;
    DType expected = DType::int16;
    if (value.name[0] == 'w') expected = DType::int8;
    if (value.name[0] == 'b') expected = DType::int64;
    EXPECT_EQ(value.type.dtype, expected) << value.name;
  }
  EXPECT_EQ(value_of(graph, "y").type.quantization, per_tensor(1.0f / 32768.0f, 0, 16));
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);

  const Graph narrow = quantized_network({.scheme = Scheme::int16x8, .bias_bits = 32});
  EXPECT_EQ(value_of(narrow, "b1").type.dtype, DType::int32);
  EXPECT_EQ(value_of(narrow, "b2").type.dtype, DType::int64);  // a depthwise layer's
  EXPECT_EQ(value_of(narrow, "b5").type.dtype, DType::int32);
}

// x [1, 8, 8, 16] -> conv 1x1 (63) -> conv 1x1 (64) -> depthwise 4x4 -> dense (1): of weights,
// 16 * 63 < 1024, 64 * 63 and 16 * 64 are not; the dense layer's one channel has 1600.
Graph wide_network() {
  Random random(8);
  Graph graph;
  graph.name = "wide";
  ValueId x = add_value(graph, "x", {DType::float32, {1, 8, 8, 16}, {}});
  graph.inputs = {x};
  const auto weights = [&](const std::string& name, Shape shape) {
    return add_constant(graph, name, shape, random_floats(random, element_count(shape), 0.2));
  };
  x = add_node(graph, ops::Conv2D{}, {x, weights("small", {63, 1, 1, 16})}, "c1");
  x = add_node(graph, ops::Conv2D{}, {x, weights("w2", {64, 1, 1, 63}), weights("b2", {64})}, "c2");
  x = add_node(graph, ops::DepthwiseConv2D{}, {x, weights("w3", {1, 4, 4, 64})}, "d3");
  x = add_node(graph, ops::FullyConnected{}, {x, weights("w4", {1, 1600}), weights("b4", {1})},
               "y");
  graph.outputs = {x};
  return graph;
}

TEST(Quantize, DynamicRangeTouchesLargeWeightsAlone) {
  const Graph exact = wide_network();
  for (const int32_t bits : {8, 5}) {
    const Graph graph = quantize(exact, {.scheme = Scheme::dynamic_range, .weight_bits = bits});
    ASSERT_EQ(graph.values.size(), exact.values.size());
    for (size_t id = 0; id < exact.values.size(); id++) {
      const Value &before = exact.values[id], &after = graph.values[id];
      if (before.name[0] != 'w') {
        EXPECT_EQ(before, after) << before.name;
        continue;
      }
      EXPECT_EQ(after.type.dtype, DType::int8) << before.name;
      EXPECT_EQ(after.type.quantization->axis, before.name == "w3" ? 3 : 0);
      EXPECT_EQ(after.type.quantization->bits, bits);
    }
    EXPECT_FALSE(std::get<ops::Conv2D>(graph.nodes[0].op).asymmetric_inputs);
    EXPECT_TRUE(std::get<ops::Conv2D>(graph.nodes[1].op).asymmetric_inputs);
    EXPECT_TRUE(std::get<ops::DepthwiseConv2D>(graph.nodes[2].op).asymmetric_inputs);
    EXPECT_TRUE(std::get<ops::FullyConnected>(graph.nodes[3].op).asymmetric_inputs);
    const PrintedGraph printed = print(graph);
    EXPECT_EQ(parse(printed.text, printed.constants), graph);
  }
}

// Inputs of any size: `lower` proves that no accumulator leaves its bits.
TEST(Quantize, AccumulatorsHaveRoom) {
  for (const int32_t bias_bits : {32, 64}) {
    Graph graph;
    graph.name = "wide";
    const ValueId x = add_value(graph, "x", {DType::float32, {1, 4000}, {}});
    graph.inputs = {x};
    std::vector<float> weights(2 * 4000, 1.0f);  // 127 each: 4000 * 127 * 2^15 needs 34 bits
    for (size_t i = 0; i < 4000; i++) weights[i] = 1e-20f;
    const ValueId w = add_constant(graph, "w", {2, 4000}, weights);
    const ValueId b = add_constant(graph, "b", {2}, {1.0f, -1.0f});
    graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, w, b}, "y")};
    calibrate(graph, {to_bytes<float>(std::vector<float>(4000, 0.01f))}, 1,
              {.scheme = Scheme::int16x8});
    const Graph integer = quantize(graph, {.scheme = Scheme::int16x8, .bias_bits = bias_bits});
    const Program program = deploy::lower(integer, deploy::host_device());
    const std::vector<int16_t> largest(4000, 32767);
    const Bytes output =
        interpret::run(program, std::vector<Bytes>{to_bytes<int16_t>(largest)}).at(0);
    const TensorType& type = program.outputs[0].type;
    EXPECT_NEAR(real_of(type, output, 0), 1.0, 0.01) << bias_bits;
    EXPECT_NEAR(real_of(type, output, 1), 39.0, bias_bits == 32 ? 3.0 : 0.01) << bias_bits;
  }
}

TEST(Quantize, KeepsNamesAndFollowsTheSpecification) {
  Graph graph = small_network();
  calibrate(graph, {samples()}, kSamples);
  const Graph quantized = quantize(graph);
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
  const Graph quantized = quantize(graph);
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

// Every operator that rescales, on its way to an output `y` that is nearly always zero.
constexpr const char* kRescaling[] = {
    "y: float32[1, 2, 2, 2] = Add(x, x)",
    "y: float32[1, 2, 2, 2] = Sub(x, x)",
    "y: float32[1, 2, 2, 2] = Mul(x, x)",
    "y: float32[1, 2, 2, 2] = Relu(x)",
    "y: float32[1, 2, 2, 2] = LeakyRelu(x) {alpha: -3}",
    "w: float32[1, 1, 1, 2] = [0.5, -1]\ny: float32[1, 2, 2, 1] = Conv2D(x, w)",
    "w: float32[1, 1, 1, 2] = [0, 0]\ny: float32[1, 2, 2, 1] = Conv2D(x, w)",
    "w: float32[1, 1, 1, 2] = [0.5, -1]\ny: float32[1, 2, 2, 2] = DepthwiseConv2D(x, w)",
    "w: float32[1, 2, 2, 2] = [1, 2, 3, 4, 5, 6, 7, 8]\nb: float32[1] = [9]\n"
    "y: float32[1, 4, 4, 1] = TransposeConv(x, w, b) {stride: 2x2}",
    "r: float32[1, 8] = Reshape(x) {shape: [1, 8]}\n"
    "w: float32[1, 8] = [1, 2, 3, 4, 5, 6, 7, 8]\ny: float32[1, 1] = FullyConnected(r, w)",
};

// Annotated with scale 1, but for `y`, whose scale is `scale`.
Graph nearly_dead(const std::string& nodes, float scale, Scheme scheme) {
  Graph graph = parse("graph dead\ninput x: float32[1, 2, 2, 2]\n" + nodes + "\noutput y\n", {});
  const auto bits = static_cast<int32_t>(8 * size_of(info_of(scheme).activations));
  for (Value& value : graph.values)
    if (!value.constant())
      value.type.quantization = per_tensor(value.name == "y" ? scale : 1.0f, 0, bits);
  return graph;
}

TEST(Quantize, AnOutputsScaleIsOneThatItsKernelRescalesTo) {
  const QuantizeOptions kinds[] = {
      {}, {.scheme = Scheme::int16x8}, {.scheme = Scheme::int16x8, .bias_bits = 32}};
  for (const char* nodes : kRescaling)
    for (const QuantizeOptions& options : kinds) {
      SCOPED_TRACE(fmt::format("{}, {}", nodes, name_of(options.scheme)));
      Graph dead = quantize(nearly_dead(nodes, 1e-30f, options.scheme), options);
      EXPECT_NO_THROW(deploy::lower(dead, deploy::host_device()));
      float& scale = dead.value(dead.outputs[0]).type.quantization->scale[0];
      // Far below what was asked for nothing is possible: no scale was raised without need.
      const float least = scale;
      scale /= 64;
      if (least > 1e-20f) {
        EXPECT_THROW(deploy::lower(dead, deploy::host_device()), Error);
      }
      const Graph alive = quantize(nearly_dead(nodes, 100 * least, options.scheme), options);
      EXPECT_EQ(alive.value(alive.outputs[0]).type.quantization->scale[0], 100 * least);
    }
}

TEST(Quantize, AnInputsScaleIsOneThatItsReadersRescaleFrom) {
  const std::string nodes =
      "w: float32[2, 1, 1, 2] = [1e-9, 0, 0, -1e-9]\n"
      "c: float32[1, 2, 2, 2] = Conv2D(x, w)\n"
      "p: float32[1, 1, 1, 2] = MaxPool2D(c) {window: 2x2, stride: 2x2}\n"
      "r: float32[1, 2] = Reshape(p) {shape: [1, 2]}\ny: float32[1, 2] = Softmax(r)";
  for (const Scheme scheme : {Scheme::int8, Scheme::int16x8}) {
    Graph graph = nearly_dead(nodes, 1.0f, scheme);
    for (Value& value : graph.values)
      if (value.name != "x" && value.type.quantization) value.type.quantization->scale[0] = 1e-12f;
    graph.value(graph.outputs[0]).type.quantization =
        scheme == Scheme::int8 ? per_tensor(1.0f / 256, -128) : per_tensor(1.0f / 32768, 0, 16);
    EXPECT_NO_THROW(deploy::lower(quantize(graph, {.scheme = scheme}), deploy::host_device()));
  }
}

}  // namespace
}  // namespace mote::compress
