// The differentiable twin of MaxPool2D.
#include <limits>

#include "ops/torch_twin.h"

namespace mote::ops {

Tensors forward(const MaxPool2D& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  torch::Tensor x = inputs[0];
  // Kernels pass over a NaN, libtorch does not. A training that meets one is lost either way.
  if (!context.training)
    x = torch::fmax(x, torch::scalar_tensor(std::numeric_limits<float>::lowest(), x.options()));
  if (const auto& [top, bottom, left, right] = op.padding; op.padding != Padding{})
    x = torch::constant_pad_nd(x, {0, 0, left, right, top, bottom},
                               -std::numeric_limits<float>::infinity());
  x = torch::max_pool2d(x.permute({0, 3, 1, 2}), {op.window.height, op.window.width},
                        {op.stride.height, op.stride.width});
  return activate(x.permute({0, 2, 3, 1}), op.activation);
}

}  // namespace mote::ops
