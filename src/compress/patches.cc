#include "compress/patches.h"

#include <algorithm>

#include "ir/node.h"

namespace mote::compress {
namespace {

constexpr size_t kWeights = 1;

const Shape& weights_shape(const Graph& graph, const Node& node) {
  return graph.value(node.inputs[kWeights]).type.shape;
}

void read_window(const ops::Conv2D& conv, const Shape& in, const Shape& kernel, const Shape& out,
                 std::span<const float> input, int64_t index, std::span<float> patch) {
  const int64_t x = index % out[2], y = index / out[2] % out[1];
  const int64_t sample = index / out[2] / out[1];
  const int64_t channels = in[3];
  std::ranges::fill(patch, 0.0f);
  for (int64_t ky = 0; ky < kernel[1]; ky++)
    for (int64_t kx = 0; kx < kernel[2]; kx++) {
      const int64_t row = y * conv.stride.height + ky * conv.dilation.height - conv.padding.top;
      const int64_t column = x * conv.stride.width + kx * conv.dilation.width - conv.padding.left;
      if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
      std::copy_n(input.begin() + ((sample * in[1] + row) * in[2] + column) * channels, channels,
                  patch.begin() + (ky * kernel[2] + kx) * channels);
    }
}

}  // namespace

bool has_patches(const Graph& graph, const Node& node) {
  const auto* conv = std::get_if<ops::Conv2D>(&node.op);
  if (!std::holds_alternative<ops::FullyConnected>(node.op) &&
      (conv == nullptr || conv->groups != 1))
    return false;
  const auto is_float_constant = [&](size_t operand) {
    const Value& value = graph.value(node.inputs[operand]);
    return value.constant() && value.type.dtype == DType::float32;
  };
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
  return is_float_constant(kWeights) && (!has_bias || is_float_constant(2));
}

size_t patch_size(const Graph& graph, const Node& node) {
  const Shape& shape = weights_shape(graph, node);
  return static_cast<size_t>(element_count(shape) / shape[0]);
}

int64_t patch_count(const Graph& graph, const Node& node, int32_t samples) {
  const Shape& out = graph.value(node.outputs[0]).type.shape;
  const Shape& input = graph.value(graph.inputs[0]).type.shape;
  return element_count(out) / out.back() / input[0] * samples;
}

void read_patch(const Graph& graph, const Node& node, std::span<const float> input, int64_t index,
                std::span<float> patch) {
  if (const auto* conv = std::get_if<ops::Conv2D>(&node.op))
    return read_window(*conv, graph.value(node.inputs[0]).type.shape, weights_shape(graph, node),
                       graph.value(node.outputs[0]).type.shape, input, index, patch);
  std::copy_n(input.begin() + index * std::ssize(patch), patch.size(), patch.begin());
}

}  // namespace mote::compress
