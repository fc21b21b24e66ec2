// The differentiable twin of StridedSlice.
#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const StridedSlice& op, std::span<const torch::Tensor> inputs, const TwinContext&) {
  torch::Tensor x = inputs[0];
  for (size_t d = 0; d < op.begin.size(); d++) {
    const int64_t begin = op.begin[d], stride = op.stride[d];
    const auto dimension = static_cast<int64_t>(d);
    const bool open = op.size[d] == -1;
    if (open && begin == 0 && stride == 1) continue;
    const int64_t last = stride > 0 ? x.size(dimension) : -1;  // one beyond it
    const int64_t end = open ? last : begin + op.size[d] * stride;
    x = x.index_select(dimension, torch::arange(begin, end, stride, torch::kLong));
  }
  return x;
}

}  // namespace mote::ops
