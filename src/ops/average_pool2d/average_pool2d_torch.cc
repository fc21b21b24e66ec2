// The differentiable twin of AveragePool2D.
#include "ops/torch_twin.h"

namespace mote::ops {

// Padding does not count, and libtorch cannot pad on one side alone: where there is any, the sums
// of the padded windows are divided by the number of elements that each has inside the image.
Tensors forward(const AveragePool2D& op, std::span<const torch::Tensor> inputs,
                const TwinContext&) {
  const auto pool = [&](const torch::Tensor& x, c10::optional<int64_t> divisor) {
    return torch::avg_pool2d(x, {op.window.height, op.window.width},
                             {op.stride.height, op.stride.width}, /*padding=*/0,
                             /*ceil_mode=*/false, /*count_include_pad=*/true, divisor);
  };
  const auto sums = [&](const torch::Tensor& x) {
    const auto& [top, bottom, left, right] = op.padding;
    return pool(torch::constant_pad_nd(x, {left, right, top, bottom}), 1);
  };
  const torch::Tensor x = inputs[0].permute({0, 3, 1, 2});
  torch::Tensor mean;
  if (op.padding == Padding{}) {
    mean = pool(x, c10::nullopt);
  } else {
    mean = sums(x) / sums(torch::ones({1, 1, x.size(2), x.size(3)}, x.options()));
  }
  return activate(mean.permute({0, 2, 3, 1}), op.activation);
}

}  // namespace mote::ops
