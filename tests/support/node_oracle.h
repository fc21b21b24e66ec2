// Graphs of one node, and what every operator's kernels owe: the numbers of a naive evaluation, the
// same bytes in pieces of rows, the same in place, the same graph after a trip through TFLite.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ir/node.h"
#include "ops/foreign.h"
#include "ops/verify.h"
#include "tests/support/random_data.h"
#include "tests/support/run_node.h"

namespace mote::testing {

inline TensorType real(Shape shape) {
  return {DType::float32, std::move(shape), {}};
}
inline TensorType int8(Shape shape, float scale, int32_t zero_point) {
  return {DType::int8, std::move(shape), per_tensor(scale, zero_point)};
}

inline TensorType int16(Shape shape, float scale) {
  return {DType::int16, std::move(shape), per_tensor(scale, 0)};
}

inline Graph node_graph(const Op& op, const std::vector<TensorType>& inputs,
                        std::optional<Quantization> output = {}) {
  Graph graph;
  for (const TensorType& type : inputs) graph.inputs.push_back(add_value(graph, "input", type));
  graph.outputs = add_outputs(graph, op, graph.inputs, "node");
  for (const ValueId id : graph.outputs)
    if (output) graph.value(id).type.quantization = output;
  verify(graph, Level::quantized);
  return graph;
}

// What the operator says to inputs that do not fit; "none" where they do.
inline std::string inference_error(const Op& op, const std::vector<TensorType>& inputs) {
  try {
    op_def(op).infer(op, inputs);
  } catch (const Error& error) {
    return error.message;
  }
  return "none";
}

template <class T>
std::vector<T> elements_of(const Bytes& bytes) {
  const auto* first = reinterpret_cast<const T*>(bytes.data());
  return {first, first + bytes.size() / sizeof(T)};
}

inline std::vector<Bytes> random_inputs(const Graph& graph, Random& random) {
  std::vector<Bytes> inputs;
  for (const ValueId id : graph.inputs) {
    inputs.push_back(random_elements(graph.value(id).type, random));
  }
  return inputs;
}

// The whole output, in pieces of one and two rows, and in the memory of every input that allows it.
inline Bytes run_in_every_way(const Graph& graph, const std::vector<Bytes>& inputs,
                              RunOptions options = {}) {
  const Bytes whole = run_node(graph, inputs, options);
  for (const int32_t rows : {1, 2}) {
    options.rows_at_once = rows;
    EXPECT_EQ(run_node(graph, inputs, options), whole) << rows << " rows at once";
  }
  const Node& node = graph.nodes.at(0);
  const TensorType& output = graph.value(graph.outputs[0]).type;
  for (const int32_t index : op_def(node.op).in_place_inputs) {
    const TensorType& input = graph.value(node.inputs.at(static_cast<size_t>(index))).type;
    if (input.shape != output.shape || input.dtype != output.dtype) continue;
    options.in_place_input = index;
    EXPECT_EQ(run_node(graph, inputs, options), whole) << "in place of input " << index;
  }
  return whole;
}

using Naive = std::function<double(size_t element)>;

// The kernels compute what the naive evaluation says, to within `tolerance` (0: exactly).
template <class T>
void expect_computes(const Graph& graph, const std::vector<Bytes>& inputs, const Naive& naive,
                     double tolerance = 0.0, const RunOptions& options = {}) {
  const std::vector<T> output = elements_of<T>(run_in_every_way(graph, inputs, options));
  for (size_t i = 0; i < output.size(); i++)
    ASSERT_NEAR(static_cast<double>(output[i]), naive(i), tolerance) << "element " << i;
}

// Exported as one node of `type` and `version`; importing gives the same graph.
inline void expect_tflite(const Graph& graph, const std::string& type, int32_t version) {
  const ForeignGraph foreign = export_graph(graph, Format::tflite);
  ASSERT_EQ(foreign.nodes.size(), 1u);
  EXPECT_EQ(foreign.nodes[0].type, type);
  EXPECT_EQ(foreign.nodes[0].version, version);
  EXPECT_EQ(import_graph(foreign, Format::tflite), graph);
}

// ---- shapes ----

// The position of an element, dimension by dimension, and back.
inline std::vector<int64_t> position_of(int64_t element, const Shape& shape) {
  std::vector<int64_t> position(shape.size());
  for (size_t d = shape.size(); d-- > 0; element /= shape[d]) position[d] = element % shape[d];
  return position;
}
inline size_t element_at(const std::vector<int64_t>& position, const Shape& shape) {
  int64_t element = 0;
  for (size_t d = 0; d < shape.size(); d++) element = element * shape[d] + position[d];
  return static_cast<size_t>(element);
}

inline Shape random_shape(size_t rank, int32_t largest, Random& random) {
  Shape shape(rank);
  for (int32_t& size : shape)
    size = 1 + static_cast<int32_t>(random.below(static_cast<uint64_t>(largest)));
  return shape;
}
inline int32_t random_zero_point(Random& random) {
  return static_cast<int32_t>(random.below(256)) - 128;
}
inline float random_scale(Random& random, double low = -4.0, double high = 1.0) {
  return static_cast<float>(std::exp(random.uniform(low, high)));
}

// clamp to an integer type and to what a fused activation lets pass, by the reals it stands for.
inline double clamp_integer(double value, Range integers, Activation activation,
                            const Quantization& q) {
  const double min = integers.min, max = integers.max;
  const RealRange range = range_of(activation);
  const auto limit = [&](float real) {
    return std::round(static_cast<double>(real / q.scale[0])) + q.zero_point[0];
  };
  return std::clamp(value, std::clamp(limit(range.min), min, max),
                    std::clamp(limit(range.max), min, max));
}
inline double clamp_int8(double value, Activation activation, const Quantization& q) {
  return clamp_integer(value, {-128, 127}, activation, q);
}
inline double clamp_int16(double value, Activation activation, const Quantization& q) {
  return clamp_integer(value, {-32768, 32767}, activation, q);
}

}  // namespace mote::testing
