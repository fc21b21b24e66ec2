// The differentiable twin of DepthwiseConv2D: a convolution with one group per channel.
#include "ops/weighted_torch.h"

namespace mote::ops {

Tensors forward(const DepthwiseConv2D& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  const TwinConvolution conv{op.stride, op.dilation, op.padding, inputs[0].size(3), op.activation};
  return convolve(conv, inputs, inputs[1].permute({3, 0, 1, 2}), context);
}

}  // namespace mote::ops
