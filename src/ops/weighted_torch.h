// What the twins of the weighted operators share. Tested against the float kernels by autograd's
// tests.
#pragma once

#include <vector>

#include "ops/torch_twin.h"

namespace mote::ops {

// The type in which weighted operators multiply, and of their results.
torch::ScalarType compute_type(const TwinContext& context);

// activation(sum + bias) in the sum's type, where `inputs` has a bias; channels are the last
// dimension.
torch::Tensor finish_weighted(torch::Tensor sum, std::span<const torch::Tensor> inputs,
                              Activation activation);

struct TwinConvolution {
  Size2D stride;
  Size2D dilation;
  Padding padding;
  int64_t groups;
  Activation activation;
};

// `inputs` as the node's, NHWC; `weights` its weights as libtorch wants them, [O, I, H, W].
torch::Tensor convolve(const TwinConvolution& conv, std::span<const torch::Tensor> inputs,
                       const torch::Tensor& weights, const TwinContext& context);

}  // namespace mote::ops
