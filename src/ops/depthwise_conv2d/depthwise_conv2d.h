// DepthwiseConv2D: out[n, y, x, c * multiplier + m] = activation(bias[...] + sum over ky, kx of
//   weights[0, ky, kx, c * multiplier + m] * in[n, y * stride + ky * dilation - top, x * ..., c]);
// taps outside the image are skipped. Inputs: in [N, H, W, C], weights [1, KH, KW, C * multiplier],
// bias (optional). Output [N, OH, OW, C * multiplier]. The multiplier follows from the shapes.
// TFLite DEPTHWISE_CONV_2D; ONNX Conv with group == C.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct DepthwiseConv2D {
  Size2D stride;
  Size2D dilation;
  Padding padding;
  Activation activation = Activation::none;
  bool asymmetric_inputs = false;  // of float inputs to int8 weights: with a zero point

  bool operator==(const DepthwiseConv2D&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("stride", self.stride);
    field("dilation", self.dilation);
    field("padding", self.padding);
    field("activation", self.activation);
    field("asymmetric_inputs", self.asymmetric_inputs);
  }
};

}  // namespace mote::ops
