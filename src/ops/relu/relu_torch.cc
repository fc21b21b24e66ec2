// The differentiable twin of Relu.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Relu&, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return activate(inputs[0], Activation::relu);
}

}  // namespace mote::ops
