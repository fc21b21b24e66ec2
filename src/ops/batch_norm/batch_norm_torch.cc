// The differentiable twin of BatchNorm. In training the batch's statistics normalize, and the
// tensors of the moving ones (inputs 3 and 4) change in place; the moving variance takes the
// unbiased one.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const BatchNorm& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  const torch::Tensor x = inputs[0].movedim(-1, 1);  // libtorch wants the channels there
  return torch::batch_norm(x, inputs[1], inputs[2], inputs[3], inputs[4], context.training,
                           op.momentum, op.epsilon, /*cudnn_enabled=*/false)
      .movedim(1, -1);
}

}  // namespace mote::ops
