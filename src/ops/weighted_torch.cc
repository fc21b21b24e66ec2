#include "ops/weighted_torch.h"

namespace mote::ops {
namespace {

bool has_bias(std::span<const torch::Tensor> inputs) {
  return inputs.size() > 2 && inputs[2].defined();
}

}  // namespace

torch::ScalarType compute_type(const TwinContext& context) {
  return context.bf16 ? torch::kBFloat16 : torch::kFloat32;
}

torch::Tensor finish_weighted(torch::Tensor sum, std::span<const torch::Tensor> inputs,
                              Activation activation) {
  if (has_bias(inputs)) sum = sum + inputs[2].to(sum.scalar_type());
  return activate(sum, activation);
}

torch::Tensor convolve(const TwinConvolution& conv, std::span<const torch::Tensor> inputs,
                       const torch::Tensor& weights, const TwinContext& context) {
  const auto& [top, bottom, left, right] = conv.padding;
  const bool one_element = weights.size(2) == 1 && weights.size(3) == 1;
  torch::Tensor x = inputs[0];
  std::vector<int64_t> padding = {top, left};
  if (top != bottom || left != right || (one_element && (top > 0 || left > 0))) {
    x = torch::constant_pad_nd(x, {0, 0, left, right, top, bottom});  // from the last dimension on
    padding = {0, 0};
  }
  // A kernel of one element reads every stride's element of its input and no other: taken first,
  // they are less to convolve. Besides, oneDNN 2.6 writes beyond its buffers in the gradient of
  // such a convolution with a stride, where it has fewer than 8 channels and no AVX-512.
  Size2D stride = conv.stride;
  if (one_element && stride != Size2D{}) {
    x = x.slice(1, 0, x.size(1), stride.height).slice(2, 0, x.size(2), stride.width);
    stride = {};
  }
  const torch::ScalarType type = compute_type(context);
  // Added by the convolution, the bias costs nothing; apart, a fifth of ResNet-20's training.
  const torch::Tensor bias = has_bias(inputs) ? inputs[2].to(type) : torch::Tensor();
  const torch::Tensor sum = torch::conv2d(x.permute({0, 3, 1, 2}).to(type), weights.to(type), bias,
                                          {stride.height, stride.width}, padding,
                                          {conv.dilation.height, conv.dilation.width}, conv.groups);
  return activate(sum.permute({0, 2, 3, 1}), conv.activation);
}

}  // namespace mote::ops
