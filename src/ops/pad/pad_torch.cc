// The differentiable twin of Pad.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const Pad& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  std::vector<int64_t> borders;  // from the last dimension on
  for (size_t d = op.before.size(); d-- > 0;) {
    borders.push_back(op.before[d]);
    borders.push_back(op.after[d]);
  }
  return torch::constant_pad_nd(inputs[0], borders, op.value);
}

}  // namespace mote::ops
