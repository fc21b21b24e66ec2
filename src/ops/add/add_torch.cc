// The differentiable twin of Add.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Add& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return activate(inputs[0] + inputs[1], op.activation);
}

}  // namespace mote::ops
