// The differentiable twin of Relu6.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Relu6&, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return activate(inputs[0], Activation::relu6);
}

}  // namespace mote::ops
