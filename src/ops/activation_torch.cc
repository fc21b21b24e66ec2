// The fused activations in libtorch.
#include "ops/torch_twin.h"

namespace mote::ops {

namespace {

// libtorch's own: the gradient of `clamp` is four scalar loops in bfloat16, a third of the training
// of a MobileNet, and that of `hardtanh` has no bfloat16. Both passes of this one are vectorized.
struct Clamp : torch::autograd::Function<Clamp> {
  using Context = torch::autograd::AutogradContext;

  static torch::Tensor forward(Context* context, const torch::Tensor& x, double min, double max) {
    const torch::Tensor y = torch::clamp(x, min, max);
    context->save_for_backward({y});
    context->saved_data["min"] = min;
    context->saved_data["max"] = max;
    return y;
  }

  // What lies between the ends passes; -y > -max is y < max without a rounding.
  static torch::autograd::variable_list backward(Context* context,
                                                 const torch::autograd::variable_list& gradients) {
    const torch::Tensor y = context->get_saved_variables()[0];
    const double min = context->saved_data["min"].toDouble();
    const double max = context->saved_data["max"].toDouble();
    const torch::Tensor below = torch::threshold_backward(gradients[0], -y, -max);
    return {torch::threshold_backward(below, y, min), {}, {}};
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
