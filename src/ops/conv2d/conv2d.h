// Conv2D: out[n, y, x, o] = activation(bias[o] + sum over ky, kx, i of
//   weights[o, ky, kx, i] * in[n, y * stride + ky * dilation - top, x * ..., g(o) * I + i]);
// taps outside the image are skipped. C_in = groups * I; output o reads group o / (O / groups).
// Inputs: in [N, H, W, C_in], weights [O, KH, KW, I], bias [O] (optional). Output [N, OH, OW, O].
// TFLite CONV_2D; ONNX Conv.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Conv2D {
  Size2D stride;
  Size2D dilation;
  Padding padding;
  int32_t groups = 1;
  Activation activation = Activation::none;
  bool asymmetric_inputs = false;  // of float inputs to int8 weights: with a zero point

  bool operator==(const Conv2D&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("stride", self.stride);
    field("dilation", self.dilation);
    field("padding", self.padding);
    field("groups", self.groups);
    field("activation", self.activation);
    field("asymmetric_inputs", self.asymmetric_inputs);
  }
};

}  // namespace mote::ops
