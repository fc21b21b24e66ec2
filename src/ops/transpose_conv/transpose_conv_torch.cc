// The differentiable twin of TransposeConv.
#include "ops/weighted_torch.h"

namespace mote::ops {

Tensors forward(const TransposeConv& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  // In float32 always: of bfloat16, libtorch 1.13 computes the convolution that is not transposed.
  const torch::Tensor x = inputs[0].permute({0, 3, 1, 2}).to(torch::kFloat32);
  const torch::Tensor weights = inputs[1].permute({3, 0, 1, 2});  // [I, O, KH, KW]
  const torch::Tensor whole =
      torch::conv_transpose2d(x, weights, {}, {op.stride.height, op.stride.width});
  const auto& [top, bottom, left, right] = op.padding;
  const torch::Tensor sum = torch::constant_pad_nd(  // from the last dimension on; < 0 cuts
      whole, {-left, op.output_padding.width - right, -top, op.output_padding.height - bottom});
  return finish_weighted(sum.permute({0, 2, 3, 1}).to(compute_type(context)), inputs,
                         op.activation);
}

}  // namespace mote::ops
