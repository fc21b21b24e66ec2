#include "ops/weighted_torch.h"

namespace mote::ops {

torch::ScalarType compute_type(const TwinContext& context) {
  return context.bf16 ? torch::kBFloat16 : torch::kFloat32;
}

torch::Tensor finish_weighted(torch::Tensor sum, std::span<const torch::Tensor> inputs,
                              Activation activation) {
  if (inputs.size() > 2 && inputs[2].defined()) sum = sum + inputs[2].to(sum.scalar_type());
  return activate(sum, activation);
}

torch::Tensor convolve(const TwinConvolution& conv, std::span<const torch::Tensor> inputs,
                       const torch::Tensor& weights, const TwinContext& context) {
  const auto& [top, bottom, left, right] = conv.padding;
  torch::Tensor x = inputs[0];
  std::vector<int64_t> padding = {top, left};
  if (top != bottom || left != right) {
    x = torch::constant_pad_nd(x, {0, 0, left, right, top, bottom});  // from the last dimension on
    padding = {0, 0};
  }
  const torch::ScalarType type = compute_type(context);
  const torch::Tensor sum = torch::conv2d(x.permute({0, 3, 1, 2}).to(type), weights.to(type), {},
                                          {conv.stride.height, conv.stride.width}, padding,
                                          {conv.dilation.height, conv.dilation.width}, conv.groups);
  return finish_weighted(sum.permute({0, 2, 3, 1}), inputs, conv.activation);
}

}  // namespace mote::ops
