// The seeded nodes that kernels are tested on: the column `cases` of kernels.inc names one of the
// families here, whose every node the row claims to serve. Odd shapes, now and then values, zero
// points and scales at their ends, and in floats what is no number.
#pragma once

#include <limits>

#include "tests/support/broadcast_cases.h"
#include "tests/support/dynamic_oracle.h"
#include "tests/support/pool_oracle.h"
#include "tests/support/weighted_nodes.h"

namespace mote::testing {

struct KernelCase {
  Graph graph;  // of one node
  std::vector<Bytes> inputs = {};
  RunOptions ring = {};  // where it has ring_rows: the input may be such a ring
};

// A family draws its node `index` in the type index % kTypes, so that each type sees all nodes.
constexpr int kTypes = 4;
struct KernelCases {
  std::string_view name;
  KernelCase (*draw)(int index, Random& random);
};

// ---- values

// As many integers, all at the ends of their type; negative ones where `sign` of them is.
template <class T, class Sign>
Bytes at_the_ends(int64_t count, const Sign& sign) {
  std::vector<T> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); i++)
    values[i] = sign(i) ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  return to_bytes(std::span<const T>(values));
}

inline Bytes any_floats(int64_t count, Random& random) {
  constexpr float kSpecial[] = {0.0f, -0.0f, 1e-42f, -1e38f, 3e38f, INFINITY, -INFINITY, NAN};
  Bytes bytes = random_floats(count, random);
  if (random.below(4) != 0) return bytes;
  for (size_t at = 0; at < bytes.size(); at += sizeof(float) * (1 + random.below(5)))
    std::memcpy(&bytes[at], &kSpecial[random.below(std::size(kSpecial))], sizeof(float));
  return bytes;
}

inline Bytes any_values(const TensorType& type, Random& random) {
  const int64_t count = element_count(type.shape);
  if (type.dtype == DType::float32) return any_floats(count, random);
  if (type.dtype == DType::int32) return random_integers<int32_t>(count, random, -1 << 20, 1 << 20);
  if (random.below(4) != 0) return random_elements(type, random);
  const auto sign = [&](size_t) { return random.below(2) == 0; };
  if (type.dtype == DType::int8) return at_the_ends<int8_t>(count, sign);
  if (type.dtype == DType::uint8) return at_the_ends<uint8_t>(count, sign);
  return at_the_ends<int16_t>(count, sign);
}

inline int32_t any_zero_point(Random& random) {
  return random.below(3) == 0 ? (random.below(2) == 0 ? 127 : -128) : random_zero_point(random);
}

// An activation of the type `index` asks for: float32, int8 or int16.
inline TensorType any_type(int index, Shape shape, Random& random) {
  if (index % kTypes == 1)
    return int8(std::move(shape), random_scale(random), any_zero_point(random));
  if (index % kTypes == 2) return int16(std::move(shape), random_scale(random, -8.0, -4.0));
  return real(std::move(shape));
}

inline KernelCase with_inputs(Graph graph, Random& random) {
  KernelCase result{std::move(graph)};
  for (const ValueId id : result.graph.inputs)
    result.inputs.push_back(any_values(result.graph.value(id).type, random));
  return result;
}

// ---- layers with weights

// Now and then zero points at their ends, and an output scale that saturates.
inline Graph any_integer_graph(const WeightedNode& node, DType type, Random& random) {
  Graph graph = random_graph(node, type, random);
  Quantization& output = *graph.value(graph.outputs[0]).type.quantization;
  if (type == DType::int8) {
    graph.value(graph.inputs[0]).type.quantization->zero_point = {any_zero_point(random)};
    output.zero_point = {any_zero_point(random)};
  }
  if (random.below(4) == 0) output.scale[0] *= random.below(2) ? 0.05f : 40.0f;
  return graph;
}

inline KernelCase weighted_case(int index, const WeightedNode& node, Random& random) {
  const int type = index % kTypes;
  if (type == 3 && op_def(node.op).quantize_inputs_for != nullptr) {
    KernelCase result{random_dynamic_graph(node, random)};
    result.inputs = {random_dynamic_input(result.graph, elements_of_piece(node), random)};
    return result;
  }
  if (type == 1 || type == 2)
    return with_inputs(any_integer_graph(node, type == 1 ? DType::int8 : DType::int16, random),
                       random);
  return with_inputs(random_graph(node, DType::float32, random), random);
}

// Some of the nodes are fixed: larger than one strip of padded rows, and than a few tiles cover.
// Every third of the others has one image, whose input may lie in a ring.
template <class AnyNode>
KernelCase window_case(int index, const std::vector<WeightedNode>& fixed, const AnyNode& any_node,
                       Random& random) {
  const auto which = static_cast<size_t>(index / kTypes);
  if (which < fixed.size()) return weighted_case(index, fixed[which], random);
  WeightedNode node = any_node(random);
  if (which % 3 == 0) node.input[0] = 1;
  KernelCase result = weighted_case(index, node, random);
  if (node.input[0] != 1) return result;
  std::visit(
      [&](const auto& conv) {
        if constexpr (requires { conv.dilation; })
          result.ring =
              window_ring(node, conv.stride.height, conv.dilation.height, conv.padding.top);
      },
      node.op);
  return result;
}

constexpr Padding kSame{1, 1, 1, 1};

inline KernelCase conv2d_case(int index, Random& random) {
  static const std::vector<WeightedNode> fixed = {
      {ops::Conv2D{{1, 1}, {}, kSame}, {1, 33, 70, 24}, {20, 3, 3, 24}, 0},
      {ops::Conv2D{{2, 2}, {}, kSame}, {1, 41, 67, 40}, {9, 3, 3, 40}, 0},
      {ops::Conv2D{}, {2, 25, 31, 64}, {33, 1, 1, 64}, 0}};
  return window_case(index, fixed, any_conv2d, random);
}

// What the sparse variants serve.
inline KernelCase conv2d_of_one_group_case(int index, Random& random) {
  static const std::vector<WeightedNode> fixed = {
      {ops::Conv2D{{1, 1}, {}, kSame}, {1, 33, 70, 24}, {20, 3, 3, 24}, 0},
      {ops::Conv2D{}, {2, 25, 31, 64}, {33, 1, 1, 64}, 0}};
  const auto any_node = [](Random& drawn) {
    WeightedNode node = any_conv2d(drawn);
    auto& conv = std::get<ops::Conv2D>(node.op);
    node.input[3] = node.weights[3];
    conv.groups = 1;
    conv.dilation.width = 1;
    return node;
  };
  return window_case(index, fixed, any_node, random);
}

// Of one group, or of groups of an even number of input channels.
inline KernelCase conv2d_of_pairs_case(int index, Random& random) {
  static const std::vector<WeightedNode> fixed = {
      {ops::Conv2D{{1, 1}, {}, kSame}, {1, 33, 70, 24}, {20, 3, 3, 24}, 0},
      {ops::Conv2D{{2, 2}, {}, kSame}, {1, 41, 67, 40}, {9, 3, 3, 40}, 0}};
  const auto any_node = [](Random& drawn) {
    WeightedNode node = any_conv2d(drawn);
    const int32_t groups = std::get<ops::Conv2D>(node.op).groups;
    if (groups > 1) node.weights[3] = 2 * between(drawn, 1, 10);
    node.input[3] = node.weights[3] * groups;
    return node;
  };
  return window_case(index, fixed, any_node, random);
}

inline KernelCase depthwise_conv2d_case(int index, Random& random) {
  static const std::vector<WeightedNode> fixed = {
      {ops::DepthwiseConv2D{{1, 1}, {}, kSame}, {1, 30, 33, 72}, {1, 3, 3, 72}, 3}};
  const auto any_node = [](Random& drawn) {
    return any_depthwise_conv2d(drawn, std::max(between(drawn, -2, 3), 1));
  };
  return window_case(index, fixed, any_node, random);
}

// Of windows three wide.
inline KernelCase depthwise_conv2d_of_three_case(int index, Random& random) {
  static const std::vector<WeightedNode> fixed = {
      {ops::DepthwiseConv2D{{1, 1}, {}, kSame}, {1, 30, 33, 72}, {1, 3, 3, 72}, 3},
      {ops::DepthwiseConv2D{{2, 2}, {}, kSame}, {1, 30, 190, 9}, {1, 3, 3, 9}, 3}};
  const auto any_node = [](Random& drawn) {
    WeightedNode node = any_depthwise_conv2d(drawn, std::max(between(drawn, -2, 3), 1));
    auto& conv = std::get<ops::DepthwiseConv2D>(node.op);
    conv.stride.width = between(drawn, 1, 2);
    conv.dilation.width = 1;
    node.weights[2] = 3;
    node.input[2] = between(drawn, 3, 20);
    return node;
  };
  return window_case(index, fixed, any_node, random);
}

inline KernelCase transpose_conv_case(int index, Random& random) {
  return weighted_case(index, any_transpose_conv(random), random);
}

// Every product as large as can be, and all of one sign: sums of int16 leave 32 bits.
inline KernelCase largest_sums_case(DType type, int32_t taps, bool negative, Random& random) {
  const WeightedNode node{ops::FullyConnected{}, {2, taps}, {19, taps}, 0, Activation::none, true};
  KernelCase result{random_graph(node, type, random)};
  Graph& graph = result.graph;
  graph.nodes[0].inputs.resize(2);  // a bias of 32 bits would forbid sums of more
  const auto lowest = [](size_t) { return true; };
  graph.value(graph.nodes[0].inputs[1]).data =
      std::make_shared<const Bytes>(at_the_ends<int8_t>(element_count(node.weights), lowest));
  graph.value(graph.outputs[0]).type.quantization->scale[0] *= static_cast<float>(taps);
  const auto sign = [&](size_t) { return negative; };
  result.inputs = {type == DType::int8 ? at_the_ends<int8_t>(2 * taps, sign)
                                       : at_the_ends<int16_t>(2 * taps, sign)};
  return result;
}

inline KernelCase fully_connected_case(int index, Random& random) {
  constexpr int32_t kTaps[] = {1, 2, 255, 509, 510, 511, 512, 1020, 1021, 3000};
  const int type = index % kTypes;
  const auto which = static_cast<size_t>(index / kTypes);
  if (which < 2 * std::size(kTaps) && (type == 1 || type == 2))
    return largest_sums_case(type == 1 ? DType::int8 : DType::int16, kTaps[which / 2],
                             which % 2 == 0, random);
  if (which == 2 * std::size(kTaps))
    return weighted_case(
        index, {ops::FullyConnected{}, {1, 600}, {300, 600}, 0, Activation::none, true}, random);
  return weighted_case(index, any_fully_connected(random), random);
}

// ---- pools

template <class Pool>
KernelCase pool_case(int index, Random& random) {
  const Pool pool = random_pool<Pool>(random);
  const Shape shape = random_image(pool.window, between(random, 1, 3), random);
  const TensorType input = any_type(index, shape, random);
  KernelCase result = with_inputs(node_graph(pool, {input}, input.quantization), random);
  if (shape[0] != 1) return result;
  result.ring = {.rows_at_once = 1, .ring_rows = pool.window.height};
  result.ring.rows_needed = [pool, height = shape[1]](int32_t row) {
    return std::min(height, row * pool.stride.height - pool.padding.top + pool.window.height);
  };
  return result;
}

// ---- element by element

// Of two operands; the output's scale is such that no rescaling leaves its bits.
template <class Op>
Graph pair_graph(int index, const Op& op, const Shape& a, const Shape& b, Random& random) {
  const TensorType first = any_type(index, a, random), second = any_type(index, b, random);
  std::optional<Quantization> output = any_type(index, {}, random).quantization;
  if (output && std::is_same_v<Op, ops::Mul>)
    output->scale[0] = first.quantization->scale[0] * second.quantization->scale[0] *
                       random_scale(random, 0.1, 8.0);
  return node_graph(op, {first, second}, output);
}

template <class Op>
KernelCase pair_case(int index, Random& random) {
  const BroadcastCase shapes = random_broadcast(random);
  return with_inputs(pair_graph(index, Op{shapes.activation}, shapes.a, shapes.b, random), random);
}

inline KernelCase whole_rows_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  return with_inputs(pair_graph(index, ops::Add{any_activation(random)}, shape, shape, random),
                     random);
}

template <class Op>
KernelCase rescaling_case(int index, const Op& op, Random& random) {
  const TensorType input = any_type(index, random_shape(1 + random.below(4), 12, random), random);
  return with_inputs(node_graph(op, {input}, any_type(index, {}, random).quantization), random);
}

inline KernelCase relu_case(int index, Random& random) {
  return rescaling_case(index, ops::Relu{}, random);
}

inline KernelCase leaky_relu_case(int index, Random& random) {
  return rescaling_case(index, ops::LeakyRelu{static_cast<float>(random.uniform(-2, 2))}, random);
}

// What keeps the quantization of its input.
template <class Op>
KernelCase keeping_case(const Op& op, const TensorType& input, Random& random) {
  return with_inputs(node_graph(op, {input}, input.quantization), random);
}

inline KernelCase relu6_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  return keeping_case(ops::Relu6{}, any_type(index, shape, random), random);
}

inline KernelCase reshape_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  const ops::Reshape flat{{static_cast<int32_t>(element_count(shape))}};
  return keeping_case(flat, any_type(index, shape, random), random);
}

inline KernelCase pad_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 6, random);
  ops::Pad pad;
  pad.value = static_cast<float>(random.normal());
  for (size_t d = 0; d < shape.size(); d++) {
    pad.before.push_back(between(random, 0, 3));
    pad.after.push_back(between(random, 0, 3));
  }
  return keeping_case(pad, any_type(index, shape, random), random);
}

inline ops::Split random_split(const Shape& shape, Random& random) {
  ops::Split op;
  op.axis = between(random, 0, static_cast<int32_t>(shape.size()) - 1);
  for (int32_t left = shape[static_cast<size_t>(op.axis)]; left > 0; left -= op.sizes.back())
    op.sizes.push_back(between(random, 1, left));
  return op;
}

inline KernelCase split_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(5), 6, random);
  return keeping_case(random_split(shape, random), any_type(index, shape, random), random);
}

inline ops::StridedSlice random_slice(const Shape& shape, Random& random) {
  ops::StridedSlice op;
  for (const int32_t dimension : shape) {
    const auto below = [&](int32_t limit) {
      return static_cast<int32_t>(random.below(static_cast<uint64_t>(limit)));
    };
    const int32_t stride = 1 + below(3), begin = below(dimension);
    const bool backwards = below(2) == 0;
    const int32_t most = (backwards ? begin : dimension - 1 - begin) / stride + 1;
    op.begin.push_back(begin);
    op.size.push_back(below(3) == 0 ? -1 : 1 + below(most));
    op.stride.push_back(backwards ? -stride : stride);
  }
  return op;
}

inline KernelCase strided_slice_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 8, random);
  return keeping_case(random_slice(shape, random), any_type(index, shape, random), random);
}

// ---- between types

// Of a type that stands at the border of a network, with about the range of any other.
inline TensorType border_type(DType type, Shape shape, Random& random) {
  if (type == DType::float32) return real(std::move(shape));
  const float steps = type == DType::int32 ? 0x1p-16f : (type == DType::int16 ? 0x1p-8f : 1.0f);
  const int32_t zero_point = type == DType::int8    ? any_zero_point(random)
                             : type == DType::uint8 ? any_zero_point(random) + 128
                                                    : 0;
  const auto bits = static_cast<int32_t>(8 * size_of(type));
  return {type, std::move(shape),
          per_tensor(steps * random_scale(random, -2.0, 0.0), zero_point, bits)};
}

// From float32 and all integers to all integers; not from float32 or int32 to int32.
inline KernelCase quantize_case(int index, Random& random) {
  constexpr DType kFrom[] = {DType::float32, DType::int8, DType::uint8, DType::int16, DType::int32};
  constexpr DType kTo[] = {DType::int8, DType::uint8, DType::int16, DType::int32};
  const DType from = kFrom[index % 5];
  const bool narrow = from == DType::float32 || from == DType::int32;
  const DType to = kTo[index / 5 % (narrow ? 3 : 4)];
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  const TensorType input = border_type(from, shape, random);
  const Quantization q = *border_type(to, shape, random).quantization;
  const ops::Quantize op{to, q.scale[0], q.zero_point[0]};
  return with_inputs(node_graph(op, {input}, q), random);
}

inline KernelCase dequantize_case(int index, Random& random) {
  constexpr DType kFrom[] = {DType::int8, DType::uint8, DType::int16};
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  return with_inputs(node_graph(ops::Dequantize{}, {border_type(kFrom[index % 3], shape, random)}),
                     random);
}

// Over some of the dimensions, to about the input's scale.
inline KernelCase mean_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 7, random);
  ops::Mean mean;
  mean.keep_dims = random.below(2) == 0;
  for (size_t d = 0; d < shape.size(); d++)
    if (random.below(2) == 0) mean.axes.push_back(static_cast<int32_t>(d));
  if (mean.axes.empty()) mean.axes = {0};
  const TensorType input = any_type(index, shape, random);
  std::optional<Quantization> output = any_type(index, shape, random).quantization;
  if (output) output->scale[0] = input.quantization->scale[0] * random_scale(random, -1.0, 1.0);
  return with_inputs(node_graph(mean, {input}, output), random);
}

inline KernelCase softmax_case(int index, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 12, random);
  const TensorType input = any_type(index, shape, random);
  const bool wide = input.dtype == DType::int16 || (input.dtype == DType::int8 && index % 8 == 1);
  std::optional<Quantization> output;
  if (input.dtype == DType::int8)
    output = wide ? per_tensor(0x1p-16f, -32768, 16) : per_tensor(0x1p-8f, -128);
  if (input.dtype == DType::int16) output = per_tensor(0x1p-15f, 0, 16);
  const ops::Softmax op{static_cast<float>(random.uniform(0.5, 2)),
                        input.dtype == DType::int8 && wide};
  return with_inputs(node_graph(op, {input}, output), random);
}

inline KernelCase batch_norm_case(int, Random& random) {
  const Shape shape = random_shape(2 + random.below(3), 8, random);
  Graph graph;
  graph.inputs = {add_value(graph, "input", real(shape))};
  std::vector<ValueId> operands = graph.inputs;
  for (const char* name : {"gamma", "beta", "mean", "variance"}) {
    std::vector<float> data(static_cast<size_t>(shape.back()));
    for (float& x : data) x = static_cast<float>(random.uniform(0.2, 2.0));
    operands.push_back(add_constant(graph, name, Shape{shape.back()}, data));
  }
  graph.outputs = {add_node(graph, ops::BatchNorm{}, operands, "node")};
  return with_inputs(std::move(graph), random);
}

inline std::span<const KernelCases> kernel_cases() {
  static const KernelCases families[] = {
      {"add", pair_case<ops::Add>},
      {"add_of_whole_rows", whole_rows_case},
      {"average_pool2d", pool_case<ops::AveragePool2D>},
      {"batch_norm", batch_norm_case},
      {"conv2d", conv2d_case},
      {"conv2d_of_pairs", conv2d_of_pairs_case},
      {"conv2d_of_one_group", conv2d_of_one_group_case},
      {"depthwise_conv2d", depthwise_conv2d_case},
      {"depthwise_conv2d_of_three", depthwise_conv2d_of_three_case},
      {"dequantize", dequantize_case},
      {"fully_connected", fully_connected_case},
      {"leaky_relu", leaky_relu_case},
      {"max_pool2d", pool_case<ops::MaxPool2D>},
      {"mean", mean_case},
      {"mul", pair_case<ops::Mul>},
      {"pad", pad_case},
      {"quantize", quantize_case},
      {"relu", relu_case},
      {"relu6", relu6_case},
      {"reshape", reshape_case},
      {"softmax", softmax_case},
      {"split", split_case},
      {"strided_slice", strided_slice_case},
      {"sub", pair_case<ops::Sub>},
      {"transpose_conv", transpose_conv_case},
  };
  return families;
}

}  // namespace mote::testing
