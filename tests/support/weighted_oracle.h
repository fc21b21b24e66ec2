// Random nodes of weighted operators, and a deliberately naive evaluation of them: sums of products
// in double or int64 over a list of taps, rescaled in long double (64 bits of mantissa hold every
// product of an accumulator and a multiplier). Only the operator's test says which taps an output
// has.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "ir/node.h"
#include "ops/verify.h"
#include "runtime/arithmetic/multiplier.h"
#include "tests/support/random_data.h"
#include "tests/support/run_node.h"

namespace mote::testing {

struct WeightedNode {
  Op op;
  Shape input;
  Shape weights;
  int32_t channel_axis = 0;
  Activation activation = Activation::none;  // as in `op`
  bool float_product = false;                // s_x * s_w in binary32 where weights are per tensor
  bool wide_int16 = false;                   // accumulators of int16 always have 64 bits
};

struct Tap {
  int64_t input;
  int64_t weight;
};
using Taps = std::function<std::vector<Tap>(int64_t output_element)>;

inline ValueId add_random_bias(Graph& graph, DType type, const WeightedNode& node, Random& random) {
  const int32_t channels = node.weights[static_cast<size_t>(node.channel_axis)];
  const auto add = [&](DType dtype, Bytes data) {
    return add_constant(graph, "bias", {dtype, {channels}, {}}, std::move(data));
  };
  if (type == DType::float32) return add(type, random_floats(channels, random));
  if (type == DType::int8)
    return add(DType::int32, random_integers<int32_t>(channels, random, -20000, 20000));
  constexpr int64_t kLargest = 10'000'000;
  if (!node.wide_int16 && random.below(2) == 0)
    return add(DType::int32, random_integers<int32_t>(channels, random, -kLargest, kLargest));
  return add(DType::int64, random_integers<int64_t>(channels, random, -kLargest, kLargest));
}

// A graph of one node; scales, zero points and whether there is a bias are drawn.
inline Graph random_graph(const WeightedNode& node, DType type, Random& random) {
  const bool integer = type != DType::float32, wide = type == DType::int16;
  const int32_t channels = node.weights[static_cast<size_t>(node.channel_axis)];
  const int64_t weight_count = element_count(node.weights);
  const auto zero_point = [&] { return wide ? 0 : static_cast<int32_t>(random.below(256)) - 128; };
  const float input_scale = static_cast<float>(std::exp(random.uniform(-6, 2)));
  std::vector<float> weight_scales(static_cast<size_t>(channels));
  for (float& scale : weight_scales) scale = static_cast<float>(std::exp(random.uniform(-6, -2)));

  Graph graph;
  TensorType input{type, node.input, {}};
  TensorType weights{wide ? DType::int8 : type, node.weights, {}};
  if (integer) {
    input.quantization = per_tensor(input_scale, zero_point());
    weights.quantization = random.below(3) == 0 ? per_tensor(weight_scales[0], 0)
                                                : per_channel(weight_scales, node.channel_axis);
  }
  graph.inputs = {add_value(graph, "input", input)};
  std::vector<ValueId> operands = graph.inputs;
  operands.push_back(add_constant(graph, "weights", weights,
                                  integer ? random_integers<int8_t>(weight_count, random, -127, 127)
                                          : random_floats(weight_count, random)));
  if (random.below(4) != 0) operands.push_back(add_random_bias(graph, type, node, random));
  graph.outputs = {add_node(graph, node.op, operands, "node")};
  if (integer) {
    const double taps = static_cast<double>(weight_count / channels);
    const double steps = wide ? 32768.0 : 128.0;  // from zero to the end of the type
    const double spread = input_scale * weight_scales[0] * std::sqrt(taps) * (0.6 * steps) * 70.0;
    graph.value(graph.outputs[0]).type.quantization = per_tensor(
        static_cast<float>(random.uniform(0.2, 4.0) * spread / (0.5 * steps)), zero_point());
  }
  verify(graph, Level::quantized);
  return graph;
}

struct NaiveSums {
  const Graph& graph;
  const WeightedNode& node;
  const Taps& taps;
  const Bytes& input;

  const Value& operand(size_t index) const { return graph.value(graph.nodes[0].inputs[index]); }
  bool has_bias() const { return graph.nodes[0].inputs.size() > 2; }
  const TensorType& output() const { return graph.value(graph.outputs[0]).type; }
  size_t channel(size_t element) const {
    return element % static_cast<size_t>(output().shape.back());
  }

  double real(size_t element) const {
    const auto* x = reinterpret_cast<const float*>(input.data());
    const auto weights = data_as<float>(operand(1));
    double sum = has_bias() ? data_as<float>(operand(2))[channel(element)] : 0.0;
    for (const Tap& tap : taps(static_cast<int64_t>(element)))
      sum += static_cast<double>(x[tap.input]) * weights[static_cast<size_t>(tap.weight)];
    const RealRange range = range_of(node.activation);
    return std::clamp(sum, static_cast<double>(range.min), static_cast<double>(range.max));
  }

  int64_t integer(size_t element, mote_rounding rounding) const {
    const DType type = operand(0).type.dtype;
    const auto weights = data_as<int8_t>(operand(1));
    const Quantization &qx = *operand(0).type.quantization, &qw = *operand(1).type.quantization;
    const Quantization& qy = *output().quantization;
    const DType bias = has_bias() ? operand(2).type.dtype : DType::int64;
    int64_t sum = has_bias() ? integer_at(*operand(2).data, bias, channel(element)) : 0;
    for (const Tap& tap : taps(static_cast<int64_t>(element)))
      sum += (integer_at(input, type, static_cast<size_t>(tap.input)) - qx.zero_point[0]) *
             weights[static_cast<size_t>(tap.weight)];
    const float scale = qw.scale[qw.per_channel() ? channel(element) : 0];
    const double product = node.float_product && !qw.per_channel()
                               ? static_cast<double>(qx.scale[0] * scale)
                               : static_cast<double>(qx.scale[0]) * scale;
    const mote_multiplier m = mote_quantize_multiplier(product / qy.scale[0]);
    const bool whole_multiplier =  // docs/arithmetic.md, "int16"
        rounding == MOTE_ROUNDING_SINGLE && std::holds_alternative<ops::FullyConnected>(node.op);
    const bool wide = type == DType::int16 && bias == DType::int64 && !whole_multiplier;
    const int64_t y = wide ? naive_rescale_wide(sum, m) : naive_rescale(sum, m, rounding);
    const Range integers = integer_range(type);
    const RealRange range = range_of(node.activation);
    const auto limit = [&](float real) {
      return std::round(static_cast<double>(real / qy.scale[0])) + qy.zero_point[0];
    };
    return static_cast<int64_t>(std::clamp(static_cast<double>(y + qy.zero_point[0]),
                                           std::max<double>(integers.min, limit(range.min)),
                                           std::min<double>(integers.max, limit(range.max))));
  }
};

// Runs row by row from a ring that is as high as the window.
inline RunOptions window_ring(const WeightedNode& node, int32_t stride, int32_t dilation,
                              int32_t top) {
  const int32_t reach = (node.weights[1] - 1) * dilation + 1, height = node.input[1];
  RunOptions options{.rows_at_once = 1, .ring_rows = reach};
  options.rows_needed = [=](int32_t row) { return std::min(height, row * stride - top + reach); };
  return options;
}

inline void expect_matches_formula(const WeightedNode& node, const Taps& taps, DType type,
                                   Random& random) {
  const Graph graph = random_graph(node, type, random);
  const Bytes input = random_input(graph, random);
  const NaiveSums exact{graph, node, taps, input};
  for (mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
    const Bytes got = run_node(graph, {{input}}, {.rounding = rounding});
    for (size_t i = 0; i < static_cast<size_t>(element_count(exact.output().shape)); i++)
      ASSERT_EQ(integer_at(got, type, i), exact.integer(i, rounding)) << "element " << i;
    EXPECT_EQ(run_node(graph, {{input}}, {.rounding = rounding, .rows_at_once = 1}), got);
  }
}

// The kernels compute what the formula says, whole and row by row.
inline void expect_matches_formula(const WeightedNode& node, const Taps& taps, Random& random) {
  const Graph graph = random_graph(node, DType::float32, random);
  const Bytes input = random_input(graph, random);
  const Bytes output = run_node(graph, {{input}});
  const NaiveSums naive{graph, node, taps, input};
  const auto* y = reinterpret_cast<const float*>(output.data());
  for (size_t i = 0; i < output.size() / sizeof(float); i++)
    ASSERT_NEAR(y[i], naive.real(i), 1e-4) << "element " << i;
  EXPECT_EQ(run_node(graph, {{input}}, {.rows_at_once = 1}), output);

  for (const DType type : {DType::int8, DType::int16})
    expect_matches_formula(node, taps, type, random);
}

}  // namespace mote::testing
