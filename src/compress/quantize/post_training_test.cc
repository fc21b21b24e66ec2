#include "compress/quantize/post_training.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "compress/calibrate/calibrate.h"
#include "compress/node_runner.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/bytes.h"

namespace mote::compress {
namespace {

// x [1, I] of whole numbers from 0 to 255 -> dense layer "f" of one output
Graph dense(const std::vector<float>& weights, const std::vector<float>& bias) {
  Graph graph;
  const auto inputs = static_cast<int32_t>(weights.size());
  const ValueId x = add_value(graph, "x", {DType::float32, {1, inputs}, {}});
  graph.inputs = {x};
  std::vector<ValueId> operands{x, add_constant(graph, "w", Shape{1, inputs}, weights)};
  if (!bias.empty()) operands.push_back(add_constant(graph, "b", Shape{1}, bias));
  graph.outputs = {add_node(graph, ops::FullyConnected{}, operands, "f")};
  return graph;
}

Graph fitted_to(Graph graph, const QuantizeOptions& options, const std::vector<float>& samples) {
  const std::vector<Bytes> inputs{bytes_of(samples)};
  const int64_t each = element_count(graph.value(graph.inputs[0]).type.shape);
  const auto count = static_cast<int32_t>(std::ssize(samples) / each);
  calibrate(graph, inputs, count, {.input_ranges = {RealRange{0.0f, 255.0f}}});
  return fitted_to_samples(graph, options, {inputs, count});
}

const Value& operand_of(const Graph& graph, size_t node, size_t index) {
  return graph.value(graph.nodes.at(node).inputs.at(index));
}

// Of two bits 1 and 0.3 become 1 and 0: the sum lacks 0.3 of the second input, 30 in the mean.
TEST(PostTraining, TheBiasMakesUpForTheMean) {
  const Graph graph = fitted_to(dense({1.0f, 0.3f}, {0.5f}),
                                {.weight_bits = 2, .bias_correction = true}, {10, 20, 30, 40});
  EXPECT_EQ(float_data(operand_of(graph, 0, 1)), (std::vector<float>{1, 0}));
  EXPECT_EQ(operand_of(graph, 0, 1).type.quantization, per_channel({1.0f}, 0, 2));
  EXPECT_NEAR(float_data(operand_of(graph, 0, 2)).at(0), 9.5, 1e-5);
}

TEST(PostTraining, ALayerWithoutABiasGetsOne) {
  const Graph graph =
      fitted_to(dense({1.0f, 0.3f}, {}), {.weight_bits = 2, .bias_correction = true}, {10, 20});
  EXPECT_NEAR(float_data(operand_of(graph, 0, 2)).at(0), 6, 1e-5);
}

// The first two inputs are always equal: weights of 0.4 become 0 and 1 of scale 1, not 0 and 0.
TEST(PostTraining, RoundingLooksAtTheSums) {
  const std::vector<float> samples{10, 10, 0, 20, 20, 0, 0, 0, 30};
  QuantizeOptions options{.weight_bits = 4, .rounding = Rounding::gptq};
  const Graph graph = fitted_to(dense({0.4f, 0.4f, 7.0f}, {0.0f}), options, samples);
  EXPECT_EQ(float_data(operand_of(graph, 0, 1)), (std::vector<float>{0, 1, 7}));
  options.bias_correction = true;
  options.rounding = Rounding::nearest;
  EXPECT_EQ(
      float_data(operand_of(fitted_to(dense({0.4f, 0.4f, 7.0f}, {0.0f}), options, samples), 0, 1)),
      (std::vector<float>{0, 0, 7}));
}

TEST(PostTraining, MaskedWeightsStayZero) {
  Graph graph = dense({0.4f, 0.0f, 7.0f}, {0.0f});
  graph.value(graph.nodes[0].inputs[1]).mask = std::make_shared<const Bytes>(Bytes{1, 0, 1});
  const std::vector<float> samples{10, 10, 0, 20, 20, 0, 0, 0, 30};
  for (const int32_t refits : {0, 3}) {
    const Graph result =
        fitted_to(graph, {.weight_bits = 4, .rounding = Rounding::gptq, .refits = refits}, samples);
    EXPECT_EQ(float_data(operand_of(result, 0, 1)).at(1), 0.0f);
    EXPECT_EQ(operand_of(result, 0, 1).mask, graph.value(graph.nodes[0].inputs[1]).mask);
  }
}

TEST(PostTraining, NeedsSamplesAndKeepsWhatIsAnnotated) {
  EXPECT_THROW(quantize(dense({1.0f}, {0.0f}), {.bias_correction = true}), Error);
  Graph graph = dense({1.0f, 0.3f}, {0.5f});
  const Quantization own = per_channel({0.1f}, 0, 5);
  graph.value(graph.nodes[0].inputs[1]).type.quantization = own;
  const Graph result =
      fitted_to(graph, {.weight_bits = 2, .rounding = Rounding::gptq}, {10, 20, 30, 40});
  EXPECT_EQ(operand_of(result, 0, 1).type.quantization, own);
  EXPECT_FLOAT_EQ(float_data(operand_of(result, 0, 1)).at(0), 1.0f);
  EXPECT_FLOAT_EQ(float_data(operand_of(result, 0, 1)).at(1), 0.3f);
}

std::vector<float> uniform(Random& random, int64_t count, double from, double to) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; i++)
    numbers.push_back(static_cast<float>(random.uniform(from, to)));
  return numbers;
}

// x [1, 6, 6, 2] -> conv 3x3 (4) relu -> depthwise 3x3 -> conv of two groups (4) -> dense (5)
Graph deep() {
  Random random(7);
  Graph graph;
  ValueId x = add_value(graph, "x", {DType::float32, {1, 6, 6, 2}, {}});
  graph.inputs = {x};
  const auto weights = [&](const Shape& shape) {
    return add_constant(graph, "w", shape, uniform(random, element_count(shape), -0.4, 0.5));
  };
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  conv.activation = Activation::relu;
  x = add_node(graph, conv, {x, weights({4, 3, 3, 2}), weights({4})}, "c1");
  ops::DepthwiseConv2D depthwise;
  depthwise.padding = {1, 1, 1, 1};
  x = add_node(graph, depthwise, {x, weights({1, 3, 3, 4}), weights({4})}, "d2");
  ops::Conv2D grouped;
  grouped.groups = 2;
  x = add_node(graph, grouped, {x, weights({4, 3, 3, 2}), weights({4})}, "g3");
  x = add_node(graph, ops::Reshape{{1, 64}}, {x}, "r4");
  graph.outputs = {
      add_node(graph, ops::FullyConnected{}, {x, weights({5, 64}), weights({5})}, "f5")};
  return graph;
}

constexpr int32_t kSampleCount = 32;

// What graph computes of the samples, in float.
std::vector<float> outputs_of(const Graph& graph, const std::vector<float>& samples) {
  Activations activations{{graph.inputs[0], samples}};
  for (const Node& node : graph.nodes) run_node(graph, node, kSampleCount, activations);
  return activations.at(graph.outputs[0]);
}

struct Difference {
  double mean = 0;    // the largest of a channel's mean
  double square = 0;  // the mean square
};

Difference difference(const Graph& graph, const std::vector<float>& samples) {
  const std::vector<float> expected = outputs_of(deep(), samples), is = outputs_of(graph, samples);
  std::vector<double> sums(5, 0.0);
  Difference result;
  for (size_t i = 0; i < is.size(); i++) {
    const double error = static_cast<double>(is[i]) - static_cast<double>(expected[i]);
    sums[i % 5] += error / kSampleCount;
    result.square += error * error / static_cast<double>(is.size());
  }
  for (const double sum : sums) result.mean = std::max(result.mean, std::abs(sum));
  return result;
}

// Layer by layer, so that the last layer makes up for what all before it do to its mean, and rounds
// for what really enters it.

// The deep network, calibrated on seeded samples.
struct CalibratedDeep {
  explicit CalibratedDeep(Scheme scheme = Scheme::int8) {
    calibrate(graph, inputs, kSampleCount, {.scheme = scheme});
  }
  CalibrationSamples samples() const { return {inputs, kSampleCount}; }

  Random random{9};
  std::vector<float> numbers = uniform(random, kSampleCount * 72, 0, 1);
  std::vector<Bytes> inputs{bytes_of(numbers)};
  Graph graph = deep();
};

TEST(PostTraining, NetworksComeCloserToTheirFloatSelves) {
  const CalibratedDeep deep(Scheme::int16x8);
  const auto result = [&](QuantizeOptions options) {
    options.scheme = Scheme::int16x8;
    options.weight_bits = 4;
    return difference(fitted_to_samples(deep.graph, options, deep.samples()), deep.numbers);
  };
  const Difference plain = result({});
  const Difference corrected = result({.bias_correction = true});
  const Difference rounded = result({.rounding = Rounding::gptq});
  const Difference both =
      result({.rounding = Rounding::gptq, .refits = 2, .bias_correction = true});
  EXPECT_GT(plain.mean, 0.05);
  EXPECT_LT(corrected.mean, 0.01);
  EXPECT_LT(corrected.square, plain.square);
  EXPECT_LT(rounded.square, plain.square / 2);
  EXPECT_LT(both.mean, 0.01);
  EXPECT_LT(both.square, corrected.square / 2);
}

TEST(PostTraining, QuantizeKeepsTheIntegersThatWereFound) {
  const CalibratedDeep deep;
  const QuantizeOptions options{.weight_bits = 4,
                                .first_bits = 8,
                                .depthwise_bits = 6,
                                .scales = WeightScale::mse,
                                .rounding = Rounding::gptq,
                                .refits = 1,
                                .bias_correction = true};
  const Graph found = fitted_to_samples(deep.graph, options, deep.samples());
  const Graph integers = quantize(deep.graph, options, deep.samples());
  verify(integers, Level::quantized);
  for (size_t i = 0; i < deep.graph.nodes.size(); i++) {
    if (deep.graph.nodes[i].inputs.size() < 3) continue;
    const Value& real = operand_of(found, i, 1);
    const Value& integer = operand_of(integers, i, 1);
    ASSERT_EQ(integer.type.quantization, real.type.quantization);
    const Quantization& q = integer.type.quantization.value();
    EXPECT_EQ(q.bits, i == 0 ? 8 : i == 1 ? 6 : 4);
    for_each_channel(real.type.shape, q.axis, [&](size_t k, size_t channel) {
      EXPECT_EQ(float_data(real)[k],
                q.scale[channel] * static_cast<float>(data_as<int8_t>(integer)[k]));
    });
  }
}

// What choices of bits have in common is fitted once, and none looks at another one's.
TEST(PostTraining, ChoicesOfBitsAreThoseOfEachAlone) {
  const CalibratedDeep deep;
  QuantizeOptions options{.rounding = Rounding::gptq, .bias_correction = true};
  const std::vector<LayerBits> choices{
      {4, 8, 8, 0, 3}, {8, 8, 8, 0, 8}, {4, 8, 2, 0, 3}, {4, 8, 8, 0, 3}};
  const std::vector<Graph> all = fitted_with_bits(deep.graph, options, deep.samples(), choices);
  ASSERT_EQ(all.size(), choices.size());
  for (size_t i = 0; i < choices.size(); i++) {
    options.layer_bits = {
        {"c1", choices[i][0]}, {"d2", choices[i][1]}, {"g3", choices[i][2]}, {"f5", choices[i][4]}};
    EXPECT_EQ(all[i], fitted_to_samples(deep.graph, options, deep.samples())) << i;
  }
}

// A layer's trial is what the whole network's fit gives it, and changes no other layer.
TEST(PostTraining, LayersCanBeExchanged) {
  const CalibratedDeep deep;
  QuantizeOptions options{.rounding = Rounding::gptq, .bias_correction = true};
  const LayerFits fits = fitted_layer_by_layer(deep.graph, options, deep.samples(), {8, 8, 8, 0, 8},
                                               {{}, {}, {3, 8}, {}, {2}});
  ASSERT_EQ(fits.fits.size(), 3u);
  EXPECT_EQ(fits.graph, fitted_to_samples(deep.graph, options, deep.samples()));
  const LayerFit* same = &fits.fits[1];
  EXPECT_EQ(with_layers(fits.graph, {&same, 1}), fits.graph);
  const LayerFit* coarse = &fits.fits[0];
  const Graph exchanged = with_layers(fits.graph, {&coarse, 1});
  options.layer_bits = {{"g3", 3}};
  const Graph whole = fitted_to_samples(deep.graph, options, deep.samples());
  for (const size_t node : {0, 1, 2})
    for (const size_t place : {1, 2})
      EXPECT_EQ(operand_of(exchanged, node, place), operand_of(whole, node, place));
  EXPECT_EQ(operand_of(exchanged, 4, 1), operand_of(fits.graph, 4, 1));
}

}  // namespace
}  // namespace mote::compress
