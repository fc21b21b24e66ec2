// The differentiable twin of Mean.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Mean& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  const std::vector<int64_t> axes(op.axes.begin(), op.axes.end());
  return {torch::mean(inputs[0], axes, op.keep_dims)};
}

}  // namespace mote::ops
