// TransposeConv: the transpose of a convolution from `out` to `in`, as a map of images:
//   out[n, y, x, o] = activation(bias[o] + sum over iy, ky, ix, kx, i with
//     y = iy * stride + ky - top, x = ix * stride + kx - left, of weights[o, ky, kx, i] *
//     in[n, iy, ix, i]).
// Inputs: in [N, H, W, I], weights [O, KH, KW, I], bias [O] (optional). Output [N, OH, OW, O] with
// OH = (H - 1) * stride + KH - top - bottom + output_padding. TFLite TRANSPOSE_CONV.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct TransposeConv {
  Size2D stride;
  Padding padding;              // of the convolution: what the whole output is cut by
  Size2D output_padding{0, 0};  // rows and columns at its end that no window reaches, < stride
  Activation activation = Activation::none;

  bool operator==(const TransposeConv&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("stride", self.stride);
    field("padding", self.padding);
    field("output_padding", self.output_padding);
    field("activation", self.activation);
  }
};

}  // namespace mote::ops
