// The differentiable twin of LeakyRelu.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const LeakyRelu& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return torch::leaky_relu(inputs[0], op.alpha);
}

}  // namespace mote::ops
