// The differentiable twin of Split.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Split& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  const std::vector<int64_t> sizes(op.sizes.begin(), op.sizes.end());
  return inputs[0].split_with_sizes(sizes, op.axis);
}

}  // namespace mote::ops
