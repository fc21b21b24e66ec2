// The differentiable twin of FullyConnected.
#include "ops/weighted_torch.h"

namespace mote::ops {

Tensors forward(const FullyConnected& op, std::span<const torch::Tensor> inputs,
                const TwinContext& context) {
  const torch::Tensor& weights = inputs[1];
  torch::Tensor x = inputs[0];
  if (!op.keep_dims) x = x.reshape({-1, weights.size(1)});
  const torch::ScalarType type = compute_type(context);
  return finish_weighted(torch::matmul(x.to(type), weights.to(type).t()), inputs, op.activation);
}

}  // namespace mote::ops
