// Small networks with seeded weights, for tests that deploy a whole program.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"
#include "ir/node.h"
#include "ir/program.h"
#include "ops/channels.h"
#include "ops/op_def.h"
#include "runtime/arithmetic/affine.h"

namespace mote::testing {

inline Graph empty_graph(const std::string& name) {
  Graph graph;
  graph.name = name;
  return graph;
}

inline Bytes random_bytes(Random& random, int64_t count) {
  Bytes bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.next());
  return bytes;
}

inline Bytes random_floats(Random& random, int64_t count, double magnitude) {
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = static_cast<float>(random.uniform(-magnitude, magnitude));
  return to_bytes<float>(values);
}

// Seeded bytes for every input: any int8, floats in [-2, 2).
inline std::vector<Bytes> random_inputs(const Program& program, uint64_t seed) {
  Random random(seed, "inputs");
  std::vector<Bytes> inputs;
  for (const Port& port : program.inputs)
    inputs.push_back(port.type.dtype == DType::float32
                         ? random_floats(random, element_count(port.type.shape), 2)
                         : random_bytes(random, byte_size(port.type)));
  return inputs;
}

// image [1, 8, 8, 3] -> Conv2D 3x3 -> (+ a 1x1 convolution of it) -> MaxPool2D -> FullyConnected ->
// Softmax [1, 10]: a residual, padding, per-channel scales, and a view. Names that are no C names.
class SmallGraph {
 public:
  SmallGraph(DType dtype, uint64_t seed) : dtype_(dtype), random_(seed, "weights") {
    graph_.name = "small network */";
  }

  Graph build() {
    const ValueId image = activation("image", {1, 8, 8, 3}, 0.02f, -3);
    graph_.inputs = {image};
    const ValueId first = convolution("block/conv 1", image, 3, 8);
    const ValueId second = convolution("int", first, 1, 8);
    const ValueId sum = activation("sum", {1, 8, 8, 8}, 0.06f, 5);
    add_node(ops::Add{Activation::relu}, {first, second}, sum, "sum");
    const ValueId pooled = activation("pooled", {1, 4, 4, 8}, 0.06f, 5);
    add_node(ops::MaxPool2D{{2, 2}, {2, 2}, {}, Activation::none}, {sum}, pooled, "pool");
    const ValueId flat = activation("flat", {1, 128}, 0.06f, 5);
    add_node(ops::Reshape{{1, 128}}, {pooled}, flat, "flatten");
    const ValueId dense = dense_layer(flat, 128, 10);
    const ValueId classes = activation("classes", {1, 10}, 1.0f / 256, -128);
    add_node(ops::Softmax{1.0f}, {dense}, classes, "softmax");
    graph_.outputs = {classes};
    graph_.labels = {"zero", "o\"ne", "two",   "three", "four",
                     "five", "six",   "seven", "eight", "9?"};
    return graph_;
  }

 private:
  bool integer() const { return dtype_ == DType::int8; }

  ValueId activation(const std::string& name, Shape shape, float scale, int32_t zero_point) {
    TensorType type{dtype_, std::move(shape), {}};
    if (integer()) type.quantization = per_tensor(scale, zero_point);
    return add_value(graph_, name, std::move(type));
  }

  void add_node(Op op, std::vector<ValueId> inputs, ValueId output, const std::string& origin) {
    graph_.nodes.push_back({std::move(op), std::move(inputs), {output}, origin});
  }

  ValueId weights(const std::string& name, Shape shape) {
    const int64_t count = element_count(shape);
    if (!integer())
      return add_constant(graph_, name, {dtype_, shape, {}}, random_floats(random_, count, 0.3));
    Bytes bytes = random_bytes(random_, count);
    for (uint8_t& byte : bytes) byte = byte == 0x80 ? 0x81 : byte;  // the narrow range
    std::vector<float> scales;
    for (int32_t o = 0; o < shape[0]; o++)
      scales.push_back(static_cast<float>(random_.uniform(0.0005, 0.002)));
    return add_constant(graph_, name, {dtype_, shape, per_channel(scales, 0)}, bytes);
  }

  ValueId bias(const std::string& name, ValueId input, ValueId weights, int32_t channels) {
    if (!integer())
      return add_constant(graph_, name, {dtype_, {channels}, {}},
                          random_floats(random_, channels, 0.1));
    std::vector<float> scales = graph_.value(weights).type.quantization->scale;
    for (float& scale : scales) scale *= graph_.value(input).type.quantization->scale[0];
    std::vector<int32_t> values(static_cast<size_t>(channels));
    for (int32_t& value : values) value = static_cast<int32_t>(random_.below(2000)) - 1000;
    return add_constant(graph_, name, {DType::int32, {channels}, per_channel(scales, 0, 32)},
                        to_bytes<int32_t>(values));
  }

  ValueId convolution(const std::string& name, ValueId input, int32_t window, int32_t channels) {
    const Shape in = graph_.value(input).type.shape;
    const ValueId w = weights(name + "/w", {channels, window, window, in[3]});
    const ValueId b = bias(name + "/b", input, w, channels);
    const ValueId output = activation(name, {1, in[1], in[2], channels}, 0.05f, -7);
    const int32_t pad = window / 2;
    add_node(ops::Conv2D{{}, {}, {pad, pad, pad, pad}, 1, Activation::relu6}, {input, w, b}, output,
             name);
    return output;
  }

  ValueId dense_layer(ValueId input, int32_t inputs, int32_t outputs) {
    const ValueId w = weights("dense/w", {outputs, inputs});
    const ValueId b = bias("dense/b", input, w, outputs);
    const ValueId output = activation("logits", {1, outputs}, 0.1f, 4);
    add_node(ops::FullyConnected{}, {input, w, b}, output, "dense");
    return output;
  }

  DType dtype_;
  Random random_;
  Graph graph_;
};

inline Graph small_graph(DType dtype, uint64_t seed) {
  return SmallGraph(dtype, seed).build();
}

// The float network with int8 weights, each channel's in its own scale: layers that quantize their
// inputs on the fly, with and without a zero point.
inline Graph small_dynamic_graph(uint64_t seed) {
  Graph graph = small_graph(DType::float32, seed);
  for (Node& node : graph.nodes) {
    if (op_def(node.op).quantize_inputs_for == nullptr) continue;
    Value& weights = graph.value(node.inputs[1]);
    std::vector<float> scales(static_cast<size_t>(weights.type.shape[0]), 0.3f / 127);
    if (node.origin != "int") scales[0] = 0.25f / 127;  // as of a whole tensor: no zero point
    const std::vector<float> reals = float_data(weights);
    Bytes bytes(reals.size());
    for (size_t i = 0; i < reals.size(); i++)
      bytes[i] = static_cast<uint8_t>(
          mote_quantize_f32(reals[i], scales[i * scales.size() / reals.size()], 0, -127, 127));
    weights.type = {DType::int8, weights.type.shape, per_channel(scales, 0)};
    weights.data = std::make_shared<const Bytes>(std::move(bytes));
    op_def(node.op).quantize_inputs_for(node.op, weights.type);
  }
  return graph;
}

// Of all values that are computed.
inline int64_t channels_of(const Graph& graph) {
  int64_t count = 0;
  for (const Value& value : graph.values)
    if (!value.constant()) count += channel_count(value.type.shape);
  return count;
}

}  // namespace mote::testing
