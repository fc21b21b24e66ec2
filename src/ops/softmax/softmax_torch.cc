// The differentiable twin of Softmax.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Softmax& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return torch::softmax(inputs[0] * op.beta, -1);
}

}  // namespace mote::ops
