// The differentiable twin of Reshape.
#include <algorithm>

#include "ops/torch_twin.h"

namespace mote::ops {

// The tensor may have another batch than the Graph. Images lie one after another, so whatever they
// become is a matter of the first dimension: it is what is left. Where the attribute leaves another
// dimension open, the first is taken to be the batch.
Tensors forward(const Reshape& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  if (op.shape.empty()) return {inputs[0].reshape({-1})};  // one number for each image
  std::vector<int64_t> shape(op.shape.begin(), op.shape.end());
  const bool open = std::find(shape.begin() + 1, shape.end(), -1) != shape.end();
  shape[0] = open ? inputs[0].size(0) : -1;
  return inputs[0].reshape(shape);
}

}  // namespace mote::ops
