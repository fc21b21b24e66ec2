// Seeded networks of a few nodes, of int8, int16 or floats, in which many weights are zero: single
// ones, all of an output channel, all that read an input channel. For what removes channels.
#pragma once

#include <optional>

#include "tests/support/node_oracle.h"
#include "tests/support/weighted_nodes.h"

namespace mote::testing {

class SparseNetwork {
 public:
  SparseNetwork(DType type, Random& random) : type_(type), random_(random) {
    const Shape shape = {1, between(random, 3, 6), between(random, 3, 6), between(random, 1, 4)};
    graph.name = "sparse";
    graph.inputs = {add_value(graph, "input", activation(shape, 1.0f))};
    values_ = graph.inputs;
    for (int i = between(random, 2, 7); i > 0; i--) add_node_of_any_kind();
    end();
    eliminate_dead(graph);
    verify(graph, Level::quantized);
  }

  Graph graph;

 private:
  bool chance(uint64_t of) { return random_.below(of) == 0; }
  ValueId any_value() {
    return chance(3) ? values_[random_.below(values_.size())] : values_.back();
  }
  const Shape& shape_of(ValueId id) const { return graph.value(id).type.shape; }

  TensorType activation(Shape shape, float scale) {
    if (type_ == DType::int8) return int8(std::move(shape), scale, random_zero_point(random_));
    if (type_ == DType::int16) return int16(std::move(shape), scale / 256);
    return real(std::move(shape));
  }

  // Adds the node, whose output is quantized like `like`, or anew, by steps `growth` times as
  // large.
  void add(Op op, std::vector<ValueId> operands, std::optional<ValueId> like, float growth = 1.0f) {
    const ValueId first = operands[0];
    for (const ValueId id : add_outputs(graph, std::move(op), std::move(operands), "node")) {
      TensorType& type = graph.value(id).type;
      if (type_ != DType::float32)
        type.quantization = like ? graph.value(*like).type.quantization
                                 : activation(type.shape, growth * scale_of(first)).quantization;
      values_.push_back(id);
    }
  }
  float scale_of(ValueId id) const {
    const float scale = graph.value(id).type.quantization->scale[0];
    return type_ == DType::int16 ? scale * 256 : scale;
  }

  // ---- constants of layers

  ValueId weights(const Shape& shape, size_t output_axis, size_t input_axis) {
    const auto zeros = [&](int32_t count) {
      std::vector<bool> zero(static_cast<size_t>(count));
      for (size_t i = 0; i < zero.size(); i++) zero[i] = chance(3);
      return zero;
    };
    const std::vector<bool> outputs = zeros(shape[output_axis]), inputs = zeros(shape[input_axis]);
    std::vector<int8_t> integers(static_cast<size_t>(element_count(shape)));
    for (size_t k = 0; k < integers.size(); k++) {
      const std::vector<int64_t> at = position_of(static_cast<int64_t>(k), shape);
      const bool zero = outputs[static_cast<size_t>(at[output_axis])] ||
                        inputs[static_cast<size_t>(at[input_axis])] || chance(4);
      integers[k] = static_cast<int8_t>(zero ? 0 : between(random_, -127, 127));
    }
    if (type_ == DType::float32) {
      std::vector<float> reals(integers.begin(), integers.end());
      for (float& x : reals) x /= 64.0f;
      return add_constant(graph, "weights", shape, reals);
    }
    std::vector<float> scales(static_cast<size_t>(shape[output_axis]));
    for (float& scale : scales) scale = random_scale(random_, -5.0, -4.0);
    const Quantization q = chance(3) ? per_tensor(scales[0], 0)
                                     : per_channel(scales, static_cast<int32_t>(output_axis));
    return add_constant(graph, "weights", {DType::int8, shape, q},
                        to_bytes(std::span<const int8_t>(integers)));
  }

  // Of zeros, of small numbers, or so large that activations clamp what it makes.
  template <class T>
  Bytes bias_of(int32_t channels, int64_t step) {
    std::vector<T> data(static_cast<size_t>(channels));
    for (T& x : data) {
      const int32_t kind = between(random_, 0, 3);
      if (kind == 1) x = static_cast<T>(between(random_, -100, 100) * step);
      if (kind >= 2) x = static_cast<T>(between(random_, -30000, 30000) * step);
    }
    return to_bytes(std::span<const T>(data));
  }
  ValueId bias(int32_t channels, bool wide) {
    if (chance(4)) return kNoValue;
    const auto constant = [&](DType dtype, Bytes data) {
      return add_constant(graph, "bias", {dtype, {channels}, {}}, std::move(data));
    };
    if (type_ == DType::float32) return constant(type_, random_floats(channels, random_));
    if (type_ == DType::int8) return constant(DType::int32, bias_of<int32_t>(channels, 1));
    if (wide || chance(2)) return constant(DType::int64, bias_of<int64_t>(channels, 256));
    return constant(DType::int32, bias_of<int32_t>(channels, 256));
  }

  void add_layer(const Op& op, ValueId input, const Shape& shape, size_t output_axis,
                 size_t input_axis, bool wide = false) {
    std::vector<ValueId> operands = {input, weights(shape, output_axis, input_axis)};
    if (const ValueId id = bias(shape[output_axis], wide); id != kNoValue) operands.push_back(id);
    add(op, operands, {}, static_cast<float>(random_.uniform(0.3, 3.0)));
  }

  // ---- nodes

  Size2D window_of(const Shape& image) {
    return {between(random_, 1, std::min(3, image[1])), between(random_, 1, std::min(3, image[2]))};
  }
  Padding any_padding(Size2D window) {
    const auto below = [&](int32_t size) { return between(random_, 0, size - 1); };
    if (chance(2)) return {};
    return {below(window.height), below(window.height), below(window.width), below(window.width)};
  }

  void add_convolution() {
    const ValueId input = any_value();
    const Shape image = shape_of(input);
    const Size2D window = window_of(image);
    const int32_t groups = image[3] % 2 == 0 && chance(3) ? (chance(2) ? image[3] : 2) : 1;
    const ops::Conv2D conv{.stride = {},
                           .dilation = {},
                           .padding = any_padding(window),
                           .groups = groups,
                           .activation = any_activation(random_)};
    add_layer(conv, input,
              {groups * between(random_, 1, groups > 1 ? 2 : 6), window.height, window.width,
               image[3] / groups},
              0, 3);
  }
  void add_depthwise() {
    const ValueId input = any_value();
    const Shape image = shape_of(input);
    const Size2D window = window_of(image);
    const ops::DepthwiseConv2D conv{.stride = {},
                                    .dilation = {},
                                    .padding = any_padding(window),
                                    .activation = any_activation(random_)};
    add_layer(conv, input,
              {1, window.height, window.width, image[3] * between(random_, 1, chance(3) ? 2 : 1)},
              3, 3);
  }
  void add_transposed() {
    const ValueId input = any_value();
    const ops::TransposeConv conv{{}, {}, {0, 0}, any_activation(random_)};
    add_layer(conv, input, {between(random_, 1, 4), 2, 1, shape_of(input)[3]}, 0, 3, true);
  }
  void add_pool() {
    const ValueId input = any_value();
    const Size2D window = window_of(shape_of(input));
    const Padding padding = any_padding(window);
    if (chance(2))
      add(ops::MaxPool2D{window, {}, padding, any_activation(random_)}, {input}, input);
    else
      add(ops::AveragePool2D{window, {}, padding, any_activation(random_)}, {input}, input);
  }
  void add_pair() {
    const ValueId a = any_value();
    ValueId b = any_value();
    if (shape_of(a) != shape_of(b)) {
      const Shape shape = chance(2) ? Shape{shape_of(a)[3]} : Shape{shape_of(a)[1], 1, 1};
      const TensorType type = activation(shape, 1.0f);
      b = add_constant(graph, "constant", type, random_elements(type, random_));
    }
    const int32_t kind = between(random_, 0, 2);
    if (kind == 0) add(ops::Add{any_activation(random_)}, {a, b}, {}, 2.0f);
    if (kind == 1) add(ops::Sub{any_activation(random_)}, {a, b}, {}, 2.0f);
    if (kind == 2)
      add(ops::Mul{any_activation(random_)}, {a, b}, {},
          type_ == DType::float32 ? 1.0f : 20 * scale_of(b));
  }
  void add_pad() {
    const ValueId input = any_value();
    const auto border = [&] {
      return std::vector<int32_t>{0, between(random_, 0, 1), between(random_, 0, 1),
                                  between(random_, 0, 2)};
    };
    add(ops::Pad{border(), border(), chance(2) ? 0.0f : 1.5f}, {input}, input);
  }
  void add_piece() {
    const ValueId input = any_value();
    const Shape shape = shape_of(input);
    const int32_t channels = shape[3], first = between(random_, 1, channels);
    if (first < channels && chance(2))
      return add(ops::Split{3, {first, channels - first}}, {input}, input);
    const bool backwards = chance(2);
    add(ops::StridedSlice{{0, 0, 0, backwards ? first - 1 : channels - first},
                          {-1, -1, -1, first},
                          {1, 1, 1, backwards ? -1 : 1}},
        {input}, input);
  }
  void add_unary() {
    const ValueId input = any_value();
    const int32_t kind = between(random_, 0, 2);
    if (kind == 0) add(ops::Relu{}, {input}, {});
    if (kind == 1) add(ops::Relu6{}, {input}, input);
    if (kind == 2) add(ops::LeakyRelu{static_cast<float>(random_.uniform(-1, 1))}, {input}, {});
  }

  void add_node_of_any_kind() {
    switch (random_.below(14)) {
      case 0:
        return add_pool();
      case 1:
      case 2:
        return add_pair();
      case 3:
        return add_pad();
      case 4:
        return add_piece();
      case 5:
        return add_unary();
      case 6:
        return add_transposed();
      case 7:
      case 8:
      case 9:
        return add_depthwise();
      default:
        return add_convolution();
    }
  }

  // A dense layer, of means or of a flattened image.
  void end() {
    const ValueId last = values_.back();
    if (chance(2))
      add(ops::Mean{{1, 2}, false}, {last}, {});
    else
      add(ops::Reshape{{1, -1}}, {last}, last);
    const ValueId flat = values_.back();
    add_layer(ops::FullyConnected{.activation = any_activation(random_)}, flat,
              {between(random_, 1, 4), shape_of(flat)[1]}, 0, 1);
    graph.outputs = {values_.back()};
    if (chance(6)) graph.outputs.push_back(values_[1 + random_.below(values_.size() - 1)]);
  }

  const DType type_;
  Random& random_;
  std::vector<ValueId> values_;  // activations, in the order in which they were made
};

inline Graph sparse_network(DType type, Random& random) {
  return SparseNetwork(type, random).graph;
}

// Its first input: drawn, or all at the ends of the type, the lower, the upper, or both by turns.
inline Bytes extreme_input(const Graph& graph, int index, Random& random) {
  const TensorType& type = graph.value(graph.inputs[0]).type;
  const int64_t count = element_count(type.shape);
  const int kind = index % 6;
  if (kind < 3 || type.dtype == DType::float32) return random_elements(type, random);
  const Range range = integer_range(type.dtype);
  const auto ends = [&](auto zero) {
    std::vector<decltype(zero)> data(static_cast<size_t>(count));
    for (auto& x : data) {
      const bool low = kind == 3 || (kind == 5 && random.below(2) == 0);
      x = static_cast<decltype(zero)>(low ? range.min : range.max);
    }
    return to_bytes(std::span<const decltype(zero)>(data));
  };
  return type.dtype == DType::int8 ? ends(int8_t{}) : ends(int16_t{});
}

}  // namespace mote::testing
