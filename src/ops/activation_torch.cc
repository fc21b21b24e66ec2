// The fused activations in libtorch.
#include "ops/torch_twin.h"

#include <bit>

namespace mote::ops {

namespace {

// A gradient where `y`, which was clamped, is at neither end. By bits, which compilers vectorize in
// every type.
template <class Number, class Bits>
torch::Tensor pass_between(const torch::Tensor& y, double min, double max,
                           const torch::Tensor& gradient) {
  const auto low = std::bit_cast<Bits>(static_cast<Number>(static_cast<float>(min)));
  const auto high = std::bit_cast<Bits>(static_cast<Number>(static_cast<float>(max)));
  const auto* __restrict at = static_cast<const Bits*>(y.data_ptr());
  const auto* __restrict from = static_cast<const Bits*>(gradient.data_ptr());
  torch::Tensor passed = torch::empty_like(y);
  auto* __restrict to = static_cast<Bits*>(passed.data_ptr());
  const int64_t count = y.numel();
  for (int64_t i = 0; i < count; i++)
    to[i] = from[i] & static_cast<Bits>(-static_cast<Bits>(at[i] != low && at[i] != high));
  return passed;
}

// libtorch's own: the gradient of `clamp` is four scalar loops in bfloat16, a third of the training
// of a MobileNet, and that of `hardtanh` has no bfloat16. This one is one loop.
struct Clamp : torch::autograd::Function<Clamp> {
  using Context = torch::autograd::AutogradContext;

  static torch::Tensor forward(Context* context, const torch::Tensor& x, double min, double max) {
    const torch::Tensor y = torch::clamp(x, min, max);
    context->save_for_backward({y});
    context->saved_data["min"] = min;
    context->saved_data["max"] = max;
    return y;
  }

  // What lies between the ends passes.
  static torch::autograd::variable_list backward(Context* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::Tensor y = context->get_saved_variables()[0];  // dense, in whichever order
    const double min = context->saved_data["min"].toDouble();
    const double max = context->saved_data["max"].toDouble();
    torch::Tensor gradient = gradients[0];
    if (gradient.strides() != y.strides()) gradient = torch::empty_like(y).copy_(gradient);
    return {y.scalar_type() == torch::kBFloat16
                ? pass_between<c10::BFloat16, uint16_t>(y, min, max, gradient)
                : pass_between<float, uint32_t>(y, min, max, gradient),
            {},
            {}};
  }
};

}  // namespace

torch::Tensor activate(torch::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return torch::relu(x);
    case Activation::relu6:
      return Clamp::apply(x, 0.0, 6.0);
    case Activation::relu_n1_to_1:
      return Clamp::apply(x, -1.0, 1.0);
  }
  return x;
}

}  // namespace mote::ops
