// The differentiable twin of Dequantize: nothing. Twins compute in reals, and what a quantized
// tensor can represent is an annotation of its type, which the fake quantization of autograd
// applies.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Dequantize&, std::span<const torch::Tensor> inputs, const TwinContext&) {
  return inputs[0];
}

}  // namespace mote::ops
