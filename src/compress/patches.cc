#include "compress/patches.h"

#include <algorithm>

#include "ir/node.h"

namespace mote::compress {
namespace {

constexpr size_t kWeights = 1;

const Shape& weights_shape(const Graph& graph, const Node& node) {
  return graph.value(node.inputs[kWeights]).type.shape;
}

// Of a Conv2D or a DepthwiseConv2D.
template <class Conv>
void read_window(const Conv& conv, const Shape& in, const Shape& kernel, const Shape& out,
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
  if (std::holds_alternative<ops::FullyConnected>(node.op)) return static_cast<size_t>(shape[1]);
  const int32_t channels = graph.value(node.inputs[0]).type.shape.back();
  return static_cast<size_t>(element_count({shape[1], shape[2], channels}));
}

int64_t patch_count(const Graph& graph, const Node& node, int32_t samples) {
  const Shape& out = graph.value(node.outputs[0]).type.shape;
  const Shape& input = graph.value(graph.inputs[0]).type.shape;
  return element_count(out) / out.back() / input[0] * samples;
}

void read_patch(const Graph& graph, const Node& node, std::span<const float> input, int64_t index,
                std::span<float> patch) {
  const auto window = [&](const auto& conv) {
    read_window(conv, graph.value(node.inputs[0]).type.shape, weights_shape(graph, node),
                graph.value(node.outputs[0]).type.shape, input, index, patch);
  };
  if (const auto* conv = std::get_if<ops::Conv2D>(&node.op)) return window(*conv);
  if (const auto* conv = std::get_if<ops::DepthwiseConv2D>(&node.op)) return window(*conv);
  std::copy_n(input.begin() + index * std::ssize(patch), patch.size(), patch.begin());
}

std::vector<PatchGroup> patch_groups(const Graph& graph, const Node& node) {
  const bool depthwise = std::holds_alternative<ops::DepthwiseConv2D>(node.op);
  if (!depthwise && !std::holds_alternative<ops::Conv2D>(node.op) &&
      !std::holds_alternative<ops::FullyConnected>(node.op))
    return {};
  const Shape& shape = weights_shape(graph, node);
  const auto* conv = std::get_if<ops::Conv2D>(&node.op);
  const size_t size = patch_size(graph, node);
  const auto outputs = static_cast<size_t>(depthwise ? shape[3] : shape[0]);
  const size_t each = static_cast<size_t>(element_count(shape)) / outputs;  // weights of an output
  const size_t count = conv ? static_cast<size_t>(conv->groups) : depthwise ? size / each : 1;
  const size_t taps =
      count == 1 ? 1 : static_cast<size_t>(shape[1]) * static_cast<size_t>(shape[2]);
  const size_t run = each / taps;  // columns side by side
  std::vector<PatchGroup> groups(count);
  for (size_t g = 0; g < count; g++) {
    for (size_t tap = 0; tap < taps; tap++)
      for (size_t i = 0; i < run; i++)
        groups[g].columns.push_back(tap * (size / taps) + g * run + i);
    for (size_t o = g * (outputs / count); o < (g + 1) * (outputs / count); o++) {
      std::vector<size_t>& weights = groups[g].weights.emplace_back();
      for (size_t k = 0; k < each; k++)
        weights.push_back(depthwise ? k * outputs + o : o * each + k);
    }
  }
  return groups;
}

}  // namespace mote::compress
