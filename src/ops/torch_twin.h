// The differentiable twins of the operators, in libtorch: each <op>_torch.cc defines one `forward`.
// Only autograd/ calls them. All twins build as one translation unit (libtorch's headers are slow).
//
// Tensors are logically as in the Graph: activations [N, H, W, C], weights [O, H, W, I]; a permuted
// view of them is channels_last to libtorch and costs nothing. The batch may differ from the
// Graph's.
#pragma once

// First: clang 14 needs IValue whole before libtorch moves vectors of it.
#include <ATen/core/ivalue.h>
#include <torch/torch.h>

#include <span>
#include <utility>
#include <vector>

#include "ir/op.h"

namespace mote::ops {

struct TwinContext {
  bool training = false;  // BatchNorm: use batch statistics and update the moving ones in place
  // Convolutions and dense layers compute in bfloat16, and what follows them stays so: going back
  // to float32 in between costs half as much again. Parameters and statistics are always float32.
  bool bf16 = false;
};

// What a twin gives, a tensor for each output; that of a single output returns it as it is.
struct Tensors : std::vector<torch::Tensor> {
  Tensors(torch::Tensor only) : vector{std::move(only)} {}
  Tensors(std::vector<torch::Tensor> all) : vector(std::move(all)) {}
};

// `inputs` as in the node; absent ones are undefined tensors.
#define MOTE_OP(Name, folder)                                            \
  Tensors forward(const Name& op, std::span<const torch::Tensor> inputs, \
                  const TwinContext& context);
#include "ops/ops.inc"
#undef MOTE_OP

// What the fused activation lets pass.
torch::Tensor activate(torch::Tensor x, Activation activation);

}  // namespace mote::ops
