// A small integer network of which the constants of channels are a good part: all its layers have
// scales and biases of their own for each channel.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/random_data.h"

namespace mote::testing {

class ChannelNetwork {
 public:
  // Activations of int8 or int16, biases of int32 or, of int16, int64.
  ChannelNetwork(DType activations, DType bias, uint64_t seed)
      : activations_(activations), bias_(bias), random_(seed, "channel network") {}

  // x [1, 8, 8, C/2] -> Conv2D 3x3 `wide` [1, 8, 8, C], where the arena is full -> DepthwiseConv2D
  // 5x5 `depthwise` [1, 4, 4, C] -> Conv2D `pointwise` [1, 4, 4, 2C] -> Conv2D `last`, the same ->
  // FullyConnected `classes` [1, 10].
  Graph build(int32_t channels) {
    graph_ = {};
    graph_.name = "channels";
    graph_.inputs = {add_value(graph_, "x", activation({1, 8, 8, channels / 2}))};
    ops::Conv2D conv;
    ops::DepthwiseConv2D depthwise;
    depthwise.stride = {2, 2};
    conv.padding = {1, 1, 1, 1};
    depthwise.padding = {2, 2, 2, 2};
    ValueId value = graph_.inputs[0];
    value = layer(conv, "wide", value, {channels, 3, 3, channels / 2}, 0, {1, 8, 8, channels});
    value = layer(depthwise, "depthwise", value, {1, 5, 5, channels}, 3, {1, 4, 4, channels});
    conv.padding = {};
    const Shape twice = {1, 4, 4, 2 * channels};
    value = layer(conv, "pointwise", value, {2 * channels, 1, 1, channels}, 0, twice);
    value = layer(conv, "last", value, {2 * channels, 1, 1, 2 * channels}, 0, twice);
    const ValueId flat = add_node(graph_, ops::Reshape{{1, 32 * channels}}, {value}, "flat");
    graph_.value(flat).type.quantization = graph_.value(value).type.quantization;
    graph_.outputs = {
        layer(ops::FullyConnected{}, "classes", flat, {10, 32 * channels}, 0, {1, 10})};
    return graph_;
  }

 private:
  TensorType activation(Shape shape) const {
    const bool wide = activations_ == DType::int16;
    return {activations_, std::move(shape), per_tensor(wide ? 0.0004f : 0.1f, wide ? 0 : 3)};
  }

  ValueId layer(const Op& op, const std::string& name, ValueId input, Shape weights, int32_t axis,
                Shape output) {
    const int32_t channels = weights[static_cast<size_t>(axis)];
    std::vector<float> scales;
    for (int32_t c = 0; c < channels; c++)
      scales.push_back(static_cast<float>(random_.uniform(0.001, 0.004)));
    const int64_t count = element_count(weights);
    const ValueId w = add_constant(graph_, name + "/w",
                                   {DType::int8, std::move(weights), per_channel(scales, axis)},
                                   random_integers<int8_t>(count, random_, -127, 127));
    for (float& scale : scales) scale *= graph_.value(input).type.quantization->scale[0];
    const Bytes biases = bias_ == DType::int64
                             ? random_integers<int64_t>(channels, random_, -400'000, 400'000)
                             : random_integers<int32_t>(channels, random_, -4000, 4000);
    const ValueId b =
        add_constant(graph_, name + "/b", {bias_, {channels}, per_channel(scales, 0, 32)}, biases);
    const ValueId result = add_node(graph_, op, {input, w, b}, name);
    graph_.value(result).type = activation(std::move(output));
    return result;
  }

  DType activations_;
  DType bias_;
  Random random_;
  Graph graph_;
};

inline Graph channel_network(DType activations, DType bias, int32_t channels, uint64_t seed) {
  return ChannelNetwork(activations, bias, seed).build(channels);
}

}  // namespace mote::testing
