// What the kernels of int8 weights between float activations owe, by TFLite's steps in float: each
// piece of the input is quantized by its own range, the sums are exact, and results are equal to
// the bit. Naive, and without a line of runtime/arithmetic.
#pragma once

#include <span>

#include "ir/node.h"
#include "tests/support/weighted_oracle.h"

namespace mote::testing {

// The attribute, of whichever weighted operator.
inline bool* asymmetric_inputs(Op& op) {
  return std::visit(
      [](auto& attributes) -> bool* {
        if constexpr (requires { attributes.asymmetric_inputs; })
          return &attributes.asymmetric_inputs;
        return nullptr;
      },
      op);
}

// Whether the weights of its one node are int8 between float32 activations.
inline bool has_dynamic_inputs(const Graph& graph) {
  const Node& node = graph.nodes[0];
  return graph.value(node.inputs[0]).type.dtype == DType::float32 && node.inputs.size() > 1 &&
         graph.value(node.inputs[1]).type.dtype == DType::int8;
}

// The node of random_graph with float32 activations: weights stay int8, the bias becomes float32,
// and how the input is quantized on the fly is drawn.
inline Graph random_dynamic_graph(const WeightedNode& node, Random& random) {
  Graph graph = random_graph(node, DType::int8, random);
  *asymmetric_inputs(graph.nodes[0].op) = random.below(2) == 0;
  for (ValueId id : {graph.inputs[0], graph.outputs[0]})
    graph.value(id).type = {DType::float32, graph.value(id).type.shape, {}};
  if (graph.nodes[0].inputs.size() > 2) {
    Value& bias = graph.value(graph.nodes[0].inputs[2]);
    bias.type.dtype = DType::float32;
    bias.data = std::make_shared<const Bytes>(random_floats(bias.type.shape[0], random));
  }
  verify(graph, Level::quantized);
  return graph;
}

// Floats of one sign or both, of all magnitudes, and now and then a piece of nothing but zeros.
inline Bytes random_dynamic_input(const Graph& graph, size_t piece, Random& random) {
  const TensorType& type = graph.value(graph.inputs[0]).type;
  std::vector<float> reals(static_cast<size_t>(element_count(type.shape)));
  for (size_t begin = 0; begin < reals.size(); begin += piece) {
    const uint64_t kind = random.below(5);
    const double magnitude = kind == 0 ? 0 : std::exp(random.uniform(-12, 12));
    for (size_t i = begin; i < begin + piece; i++) {
      const double real = magnitude * random.normal();
      reals[i] = static_cast<float>(kind == 1   ? std::abs(real)
                                    : kind == 2 ? -std::abs(real)
                                                : real);
    }
  }
  return to_bytes(std::span<const float>(reals));
}

// One piece of the input, quantized on the fly.
struct NaivePiece {
  float scale = 1;
  int32_t zero_point = 0;
  std::vector<int32_t> integers;

  NaivePiece(std::span<const float> reals, bool asymmetric) : integers(reals.size(), 0) {
    const float low = std::min(0.0f, *std::ranges::min_element(reals));
    const float high = std::max(0.0f, *std::ranges::max_element(reals));
    if (low == high) return;
    float factor = 0;
    if (asymmetric) {
      const double step = (static_cast<double>(high) - low) / 255;
      const double from_low = -128 - low / step, from_high = 127 - high / step;
      const bool low_is_better = 128 + std::abs(low / step) < 127 + std::abs(high / step);
      zero_point = static_cast<int32_t>(
          std::clamp(std::round(low_is_better ? from_low : from_high), -128.0, 127.0));
      scale = static_cast<float>(step);
      factor = 1.0f / scale;
    } else {
      scale = std::max(-low, high) / 127;
      factor = 127 / std::max(-low, high);
    }
    for (size_t i = 0; i < reals.size(); i++) {
      const float steps = static_cast<float>(zero_point) + reals[i] * factor;
      integers[i] = static_cast<int32_t>(
          std::clamp(std::round(steps), asymmetric ? -128.0f : -127.0f, 127.0f));
    }
  }
};

struct NaiveDynamic {
  const Graph& graph;
  const WeightedNode& node;
  const Taps& taps;
  std::span<const NaivePiece> pieces;
  size_t piece_elements;

  float operator()(size_t element) const {
    const Node& weighted = graph.nodes[0];
    const Value& weights = graph.value(weighted.inputs[1]);
    const Quantization& scales = *weights.type.quantization;
    const size_t channel =
        element % static_cast<size_t>(graph.value(graph.outputs[0]).type.shape.back());
    int32_t sum = 0;
    const NaivePiece* piece = &pieces[0];
    for (const Tap& tap : taps(static_cast<int64_t>(element))) {
      const auto at = static_cast<size_t>(tap.input);
      piece = &pieces[at / piece_elements];
      sum += data_as<int8_t>(weights)[static_cast<size_t>(tap.weight)] *
             (piece->integers[at % piece_elements] - piece->zero_point);
    }
    const float factor = scales.scale[scales.per_channel() ? channel : 0] * piece->scale;
    const bool has_bias = weighted.inputs.size() > 2;
    const float bias = has_bias ? data_as<float>(graph.value(weighted.inputs[2]))[channel] : 0.0f;
    const RealRange range = range_of(node.activation);
    return std::clamp(static_cast<float>(sum) * factor + bias, range.min, range.max);
  }
};

// How many elements of the input share a scale: a vector, or an image.
inline size_t elements_of_piece(const WeightedNode& node) {
  if (node.weights.size() == 2) return static_cast<size_t>(node.weights[1]);
  return static_cast<size_t>(element_count(node.input) / node.input[0]);
}

inline void expect_matches_dynamic_formula(const WeightedNode& node, const Taps& taps,
                                           Random& random) {
  Graph graph = random_dynamic_graph(node, random);
  const size_t size = elements_of_piece(node);
  const Bytes input = random_dynamic_input(graph, size, random);
  const bool asymmetric = *asymmetric_inputs(graph.nodes[0].op);
  const std::span<const float> reals(reinterpret_cast<const float*>(input.data()),
                                     input.size() / sizeof(float));
  std::vector<NaivePiece> pieces;
  for (size_t begin = 0; begin < reals.size(); begin += size)
    pieces.emplace_back(reals.subspan(begin, size), asymmetric);
  const NaiveDynamic naive{graph, node, taps, pieces, size};
  const Bytes got = run_node(graph, {{input}});
  const auto* y = reinterpret_cast<const float*>(got.data());
  for (size_t i = 0; i < got.size() / sizeof(float); i++)
    ASSERT_EQ(y[i], naive(i)) << "element " << i;
  EXPECT_EQ(run_node(graph, {{input}}, {.rows_at_once = 1}), got);
}

}  // namespace mote::testing
