// The fused activations in libtorch.
#include "ops/torch_twin.h"

namespace mote::ops {

torch::Tensor activate(torch::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return torch::relu(x);
    case Activation::relu6:
      return torch::clamp(x, 0.0, 6.0);
    case Activation::relu_n1_to_1:
      return torch::clamp(x, -1.0, 1.0);
  }
  return x;
}

}  // namespace mote::ops
