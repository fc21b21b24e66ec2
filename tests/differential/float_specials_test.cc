// NaN, infinities, zeros of both signs, subnormal and the largest numbers in every float kernel and
// all its variants: what TFLite's reference kernels give, whose clamp is min(max(x, low), high) of
// the C++ library, so that a NaN stays one. Any NaN is as good as another: processors differ in
// sign and payload.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "deploy/devices/device.h"
#include "tests/support/bytes.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

constexpr float kLowest = std::numeric_limits<float>::lowest();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> kSpecials = {kNan,    INFINITY, -INFINITY, 0.0f,  -0.0f, 1e-45f, -1e-42f,
                                      kLowest, -kLowest, 1.0f,      -1.0f, 0.5f,  7.0f};
constexpr Activation kActivations[] = {Activation::none, Activation::relu, Activation::relu6,
                                       Activation::relu_n1_to_1};

// Every one beside every other: a, b, a, b, ...
std::vector<float> pairs() {
  std::vector<float> all;
  for (const float a : kSpecials)
    for (const float b : kSpecials) all.insert(all.end(), {a, b});
  return all;
}

const auto kCount = static_cast<int32_t>(kSpecials.size() * kSpecials.size());

float clamped(float x, Activation activation) {
  const RealRange range = range_of(activation);
  return std::min(std::max(x, std::max(range.min, kLowest)), std::min(range.max, -kLowest));
}

::testing::AssertionResult same(float got, float expected) {
  const bool nan = std::isnan(got) && std::isnan(expected);
  if (nan || std::bit_cast<uint32_t>(got) == std::bit_cast<uint32_t>(expected))
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << got << " instead of " << expected;
}

using Expect = std::function<::testing::AssertionResult(size_t element, float got)>;

// Runs graphs of one node, and remembers which kernels they took.
struct Runner {
  std::set<std::string_view> seen;

  // With every variant that this processor runs.
  void expect_each(const Graph& graph, const std::vector<Bytes>& inputs, const Expect& expect) {
    for (const std::string_view variant : {"reference", "avx2", "avx512"}) {
      if (variant != "reference" && std::ranges::count(deploy::host_device().isa, variant) == 0)
        continue;
      NodeRun run(graph, {.variant = variant});
      for (size_t i = 0; i < inputs.size(); i++) run.value(graph.inputs[i]) = inputs[i];
      run.run();
      seen.insert(run.kernel().name);
      const auto y = elements_of<float>(run.value(graph.outputs[0]));
      for (size_t i = 0; i < y.size(); i++)
        ASSERT_TRUE(expect(i, y[i])) << run.kernel().function << ", element " << i;
    }
  }

  void expect_computes(const Graph& graph, const std::vector<Bytes>& inputs,
                       const std::function<float(size_t)>& oracle) {
    expect_each(graph, inputs, [&](size_t i, float got) { return same(got, oracle(i)); });
  }
};

void of_one_operand(Runner& run) {
  const auto n = static_cast<int32_t>(kSpecials.size());
  const std::vector<TensorType> input = {real({1, n})};
  const Bytes x = bytes_of(kSpecials);
  run.expect_computes(node_graph(ops::Relu{}, input), {x},
                      [](size_t i) { return kSpecials[i] < 0 ? 0.0f : kSpecials[i]; });
  run.expect_computes(node_graph(ops::Relu6{}, input), {x}, [](size_t i) {
    return kSpecials[i] > 6 ? 6.0f : kSpecials[i] < 0 ? 0.0f : kSpecials[i];
  });
  for (const float alpha : {0.3f, -0.5f, 2.0f})
    run.expect_computes(node_graph(ops::LeakyRelu{alpha}, input), {x}, [&](size_t i) {
      return kSpecials[i] > 0 ? kSpecials[i] : kSpecials[i] * alpha;
    });
  for (const float value : kSpecials)
    run.expect_computes(node_graph(ops::Pad{{0, 1}, {0, 2}, value}, input), {x}, [&](size_t i) {
      return i == 0 || i > kSpecials.size() ? value : kSpecials[i - 1];
    });
}

void of_two_operands(Runner& run) {
  std::vector<float> a, b;
  for (size_t i = 0; i < pairs().size(); i += 2) {
    a.push_back(pairs()[i]);
    b.push_back(pairs()[i + 1]);
  }
  const std::vector<TensorType> inputs = {real({1, kCount}), real({1, kCount})};
  const std::vector<Bytes> data = {bytes_of(a), bytes_of(b)};
  for (const Activation activation : kActivations) {
    SCOPED_TRACE(static_cast<int>(activation));
    run.expect_computes(node_graph(ops::Add{activation}, inputs), data,
                        [&](size_t i) { return clamped(a[i] + b[i], activation); });
    run.expect_computes(node_graph(ops::Sub{activation}, inputs), data,
                        [&](size_t i) { return clamped(a[i] - b[i], activation); });
    run.expect_computes(node_graph(ops::Mul{activation}, inputs), data,
                        [&](size_t i) { return clamped(a[i] * b[i], activation); });
  }
}

// Two pixels in each window. A NaN is not larger than anything, so MaxPool2D passes over it.
void of_pools(Runner& run) {
  const std::vector<float> x = pairs();
  const std::vector<TensorType> input = {real({1, 1, 2 * kCount, 1})};
  for (const Activation activation : kActivations) {
    SCOPED_TRACE(static_cast<int>(activation));
    const ops::AveragePool2D average{{1, 2}, {1, 2}, {}, activation};
    run.expect_computes(node_graph(average, input), {bytes_of(x)}, [&](size_t i) {
      return clamped((0.0f + x[2 * i] + x[2 * i + 1]) / 2, activation);
    });
    const ops::MaxPool2D largest{{1, 2}, {1, 2}, {}, activation};
    run.expect_computes(node_graph(largest, input), {bytes_of(x)}, [&](size_t i) {
      return clamped(std::max(std::max(kLowest, x[2 * i]), x[2 * i + 1]), activation);
    });
  }
}

void of_softmax(Runner& run) {
  const std::vector<float> x = pairs();
  run.expect_each(node_graph(ops::Softmax{1.0f}, {real({kCount, 2})}), {bytes_of(x)},
                  [&](size_t i, float got) {
                    const float* row = &x[i / 2 * 2];
                    const float largest = std::max(std::max(kLowest, row[0]), row[1]);
                    const float a = std::exp(row[0] - largest), b = std::exp(row[1] - largest);
                    const float exact = (i % 2 == 0 ? a : b) / (a + b);
                    return std::abs(got - exact) < 1e-6f ? same(exact, exact) : same(got, exact);
                  });
}

void of_batch_norm(Runner& run) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real({kCount, 2}))};
  std::vector<ValueId> operands = graph.inputs;
  const std::vector<std::vector<float>> statistics = {{2, -1}, {0, 1}, {0, 0}, {1, 1}};
  for (const std::vector<float>& numbers : statistics)
    operands.push_back(add_constant(graph, "constant", Shape{2}, numbers));
  graph.outputs = {add_node(graph, ops::BatchNorm{.epsilon = 0}, operands, "node")};
  const std::vector<float> x = pairs();
  run.expect_computes(graph, {bytes_of(x)}, [&](size_t i) {
    return i % 2 == 0 ? x[i] * 2.0f + 0.0f : x[i] * -1.0f + 1.0f;
  });
}

const std::vector<float> kWeights = {1, 1, 1, -1, 0, 1, -0.5f, 1e-42f, 1e38f, 3};
constexpr int32_t kOutputs = 5;

// Sums of two products, in whichever way the operator pairs the elements of `x`.
Graph weighted_graph(const Op& op, const Shape& input, const Shape& weights,
                     const std::vector<float>& weight_data, bool has_bias) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real(input))};
  std::vector<ValueId> operands = graph.inputs;
  operands.push_back(add_constant(graph, "weights", weights, weight_data));
  if (has_bias)
    operands.push_back(
        add_constant(graph, "bias", Shape{kOutputs}, std::vector<float>{0, -0.0f, 1, -8, 2}));
  graph.outputs = {add_node(graph, op, operands, "node")};
  return graph;
}

void of_sums_of_products(Runner& run) {
  const std::vector<float> x = pairs();
  std::vector<float> last_axis(kWeights.size());  // [1, 1, 2, O]
  for (size_t i = 0; i < kWeights.size(); i++) last_axis[i % 2 * kOutputs + i / 2] = kWeights[i];
  for (const Activation activation : kActivations)
    for (const bool has_bias : {false, true}) {
      SCOPED_TRACE(::testing::Message() << static_cast<int>(activation) << has_bias);
      const auto oracle = [&](size_t i) {
        const size_t o = i % kOutputs;
        const float* pair = &x[i / kOutputs * 2];
        float sum = 0.0f;
        for (size_t k = 0; k < 2; k++) sum += kWeights[2 * o + k] * pair[k];
        const float bias[] = {0, -0.0f, 1, -8, 2};
        return clamped(sum + (has_bias ? bias[o] : 0.0f), activation);
      };
      const auto expect = [&](const Op& op, const Shape& input, const Shape& weights,
                              const std::vector<float>& data) {
        run.expect_computes(weighted_graph(op, input, weights, data, has_bias), {bytes_of(x)},
                            oracle);
      };
      ops::FullyConnected dense;
      ops::Conv2D conv;
      ops::TransposeConv transpose;
      ops::DepthwiseConv2D depthwise;
      depthwise.stride = {1, 2};
      dense.activation = conv.activation = transpose.activation = depthwise.activation = activation;
      expect(dense, {kCount, 2}, {kOutputs, 2}, kWeights);
      expect(conv, {1, 1, kCount, 2}, {kOutputs, 1, 1, 2}, kWeights);
      expect(transpose, {1, 1, kCount, 2}, {kOutputs, 1, 1, 2}, kWeights);
      expect(depthwise, {1, 1, 2 * kCount, 1}, {1, 1, 2, kOutputs}, last_axis);
    }
}

// As where TFLM's result is defined on a Cortex-M: a NaN is 0 before the zero point.
void of_quantize(Runner& run) {
  const auto n = static_cast<int32_t>(kSpecials.size());
  for (const DType type : {DType::int8, DType::uint8, DType::int16}) {
    const Range range = integer_range(type);
    const int32_t zero_point = type == DType::int16 ? 0 : 5;
    const Quantization q = per_tensor(0.5f, zero_point, type == DType::int16 ? 16 : 8);
    const ops::Quantize op{.dtype = type, .scale = 0.5f, .zero_point = zero_point};
    const Graph graph = node_graph(op, {real({1, n})}, q);
    NodeRun node(graph, {});
    node.value(graph.inputs[0]) = bytes_of(kSpecials);
    node.run();
    run.seen.insert(node.kernel().name);
    for (size_t i = 0; i < kSpecials.size(); i++) {
      const double steps = std::isnan(kSpecials[i]) ? 0 : std::round(kSpecials[i] / 0.5);
      EXPECT_EQ(integer_at(node.value(graph.outputs[0]), type, i),
                std::clamp<double>(steps + zero_point, range.min, range.max))
          << kSpecials[i];
    }
  }
}

// Of each with 1: a sum, divided.
void of_mean(Runner& run) {
  std::vector<float> pairs;
  for (const float x : kSpecials) pairs.insert(pairs.end(), {x, 1.0f});
  const Graph graph =
      node_graph(ops::Mean{{1}, false}, {real({static_cast<int32_t>(kSpecials.size()), 2})});
  NodeRun node(graph, {});
  node.value(graph.inputs[0]) = bytes_of(pairs);
  node.run();
  run.seen.insert(node.kernel().name);
  const std::vector<float> means = elements_of<float>(node.value(graph.outputs[0]));
  for (size_t i = 0; i < kSpecials.size(); i++) {
    const float expected = (kSpecials[i] + 1.0f) / 2;
    EXPECT_TRUE(means[i] == expected || (std::isnan(means[i]) && std::isnan(expected)))
        << kSpecials[i];
  }
}

TEST(FloatSpecials, AreTflites) {
  Runner run;
  of_one_operand(run);
  of_two_operands(run);
  of_pools(run);
  of_mean(run);
  of_softmax(run);
  of_batch_norm(run);
  of_sums_of_products(run);
  of_quantize(run);
  for (const Kernel& kernel : kernels()) {
    if (kernel.name.find("f32") == std::string_view::npos) continue;
    if (kernel.name.starts_with("dequantize_") || kernel.name.ends_with("_f32s8"))
      continue;  // they read integers
    EXPECT_TRUE(run.seen.contains(kernel.name)) << kernel.name;
  }
}

}  // namespace
}  // namespace mote
