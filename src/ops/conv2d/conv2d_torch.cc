// The differentiable twin of Conv2D.
#include "ops/weighted_torch.h"

namespace mote::ops {

Tensors forward(const Conv2D& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  const TwinConvolution conv{op.stride, op.dilation, op.padding, op.groups, op.activation};
  return convolve(conv, inputs, inputs[1].permute({0, 3, 1, 2}), context);
}

}  // namespace mote::ops
