#include "ops/softmax/softmax.h"

#include <gtest/gtest.h>

#include "ops/softmax/softmax_tables.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

const Quantization kOutput = per_tensor(1.0f / 256.0f, -128);
const Quantization kWideOutput = per_tensor(1.0f / 32768.0f, 0, 16);
const Quantization kInt16OfInt8 = per_tensor(1.0f / 65536.0f, -32768, 16);

// The softmax, in reals, of the vector that an element belongs to.
double naive_softmax(const std::vector<double>& x, size_t element, size_t channels) {
  const size_t first = element / channels * channels;
  double sum = 0.0;
  for (size_t c = 0; c < channels; c++) sum += std::exp(x[first + c] - x[element]);
  return 1.0 / sum;
}

TEST(Softmax, OfReals) {
  Random random(1, "softmax");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const Shape shape = random_shape(1 + random.below(4), 8, random);
    const ops::Softmax op{static_cast<float>(random.uniform(0.5, 4.0))};
    const Graph graph = node_graph(op, {real(shape)});
    const auto inputs = random_inputs(graph, random);
    std::vector<double> x;
    for (const float element : elements_of<float>(inputs[0])) x.push_back(op.beta * element);
    expect_computes<float>(
        graph, inputs,
        [&](size_t e) { return naive_softmax(x, e, static_cast<size_t>(shape.back())); }, 1e-6);
  }
}

// The fixed point is within one step of the reals; the golden operators hold it to every bit.
TEST(Softmax, OfIntegersIsWithinOneStepOfTheReals) {
  Random random(2, "softmax");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const Shape shape = i == 0 ? Shape{2, 1000} : random_shape(1 + random.below(4), 8, random);
    const ops::Softmax op{static_cast<float>(random.uniform(0.5, 2.0))};
    const float scale = random_scale(random);
    const Graph graph = node_graph(op, {int8(shape, scale, random_zero_point(random))}, kOutput);
    const auto inputs = random_inputs(graph, random);
    std::vector<double> x;
    for (const int8_t q : elements_of<int8_t>(inputs[0])) x.push_back(op.beta * scale * q);
    expect_computes<int8_t>(
        graph, inputs,
        [&](size_t e) {
          const double p = naive_softmax(x, e, static_cast<size_t>(shape.back()));
          return std::min(256.0 * p - 128.0, 127.0);
        },
        1.0);
  }
}

TEST(Softmax, OfInt8ToInt16IsCloseToTheReals) {
  Random random(4, "softmax");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const Shape shape = i == 0 ? Shape{2, 1000} : random_shape(1 + random.below(4), 8, random);
    const ops::Softmax op{static_cast<float>(random.uniform(0.5, 2.0)), true};
    const float scale = random_scale(random);
    const Graph graph =
        node_graph(op, {int8(shape, scale, random_zero_point(random))}, kInt16OfInt8);
    const auto inputs = random_inputs(graph, random);
    std::vector<double> x;
    for (const int8_t q : elements_of<int8_t>(inputs[0])) x.push_back(op.beta * scale * q);
    expect_computes<int16_t>(
        graph, inputs,
        [&](size_t e) {
          const double p = naive_softmax(x, e, static_cast<size_t>(shape.back()));
          return std::min(65536.0 * p - 32768.0, 32767.0);
        },
        8.0);
  }
}

// Held to every bit by the golden operators; the tables are good to 16 steps of 2^-15.
TEST(Softmax, OfInt16IsCloseToTheReals) {
  Random random(3, "softmax");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const Shape shape = i == 0 ? Shape{2, 1000} : random_shape(1 + random.below(4), 8, random);
    const ops::Softmax op{static_cast<float>(random.uniform(0.5, 2.0))};
    const float scale = random_scale(random, -10.0, -6.0);
    const Graph graph = node_graph(op, {int16(shape, scale)}, kWideOutput);
    const auto inputs = random_inputs(graph, random);
    std::vector<double> x;
    for (const int16_t q : elements_of<int16_t>(inputs[0])) x.push_back(op.beta * scale * q);
    expect_computes<int16_t>(
        graph, inputs,
        [&](size_t e) {
          const double p = naive_softmax(x, e, static_cast<size_t>(shape.back()));
          return std::min(32768.0 * p, 32767.0);
        },
        16.0);
  }
}

TEST(Softmax, HasTablesOfInt16) {
  const auto exponential = softmax_exponential_table(), reciprocal = softmax_reciprocal_table();
  ASSERT_EQ(exponential.size(), 513u);
  ASSERT_EQ(reciprocal.size(), 513u);
  for (size_t i = 0; i <= 512; i++) {
    const double at = static_cast<double>(i) / 512.0;
    EXPECT_NEAR(exponential[i], std::min(32768.0 * std::exp(10.0 * at - 10.0), 32767.0), 1.5);
    EXPECT_NEAR(reciprocal[i], std::min(32768.0 / (1.0 + at), 32767.0), 1.5);
  }
}

// 4095 equal elements: the sum is as large as it gets, and each share rounds to nothing.
TEST(Softmax, HoldsTheLargestSum) {
  const Graph graph = node_graph(ops::Softmax{}, {int8({1, 4095}, 0.1f, 0)}, kOutput);
  const Bytes output = run_node(graph, {{Bytes(4095, 127)}});
  EXPECT_EQ(output, Bytes(4095, 0x80));
  const Graph larger = node_graph(ops::Softmax{}, {int8({1, 4096}, 0.1f, 0)}, kOutput);
  EXPECT_THROW(NodeRun(larger, {}), Error);
}

TEST(Softmax, HasItsOwnOutputQuantization) {
  const TensorType input = int8({1, 10}, 0.1f, 0);
  EXPECT_THROW(node_graph(ops::Softmax{}, {input}, per_tensor(1.0f / 255.0f, -128)), Error);
  EXPECT_THROW(node_graph(ops::Softmax{1.0f, true}, {input}, kWideOutput), Error);
  EXPECT_NE(inference_error(ops::Softmax{1.0f, true}, {int16({1, 10}, 0.1f)}), "none");
  const OpDef& def = definition<ops::Softmax>();
  EXPECT_EQ(def.quantization(ops::Softmax{}, Scheme::int8).output(0).fixed, kOutput);
  EXPECT_EQ(def.quantization(ops::Softmax{}, Scheme::int16x8).output(0).fixed, kWideOutput);
}

TEST(Softmax, IsSoftmaxInTflite) {
  expect_tflite(node_graph(ops::Softmax{0.5f}, {real({2, 3})}), "SOFTMAX", 1);
  expect_tflite(node_graph(ops::Softmax{}, {int8({2, 3}, 0.5f, 2)}, kOutput), "SOFTMAX", 2);
  expect_tflite(node_graph(ops::Softmax{}, {int16({2, 3}, 0.5f)}, kWideOutput), "SOFTMAX", 3);
  expect_tflite(node_graph(ops::Softmax{1.0f, true}, {int8({2, 3}, 0.5f, 2)}, kInt16OfInt8),
                "SOFTMAX", 3);
}

}  // namespace
}  // namespace mote
