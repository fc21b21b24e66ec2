// FullyConnected: out[n, o] = activation(bias[o] + sum over i of weights[o, i] * in[n, i]).
// Inputs: in of any rank whose elements make N rows of I (rank 2: [N, I]), weights [O, I], bias [O]
// (optional). Output [N, O], or with keep_dims the input's shape with its last dimension now O.
// TFLite FULLY_CONNECTED; ONNX Gemm.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct FullyConnected {
  bool keep_dims = false;
  Activation activation = Activation::none;
  bool asymmetric_inputs = false;  // of float inputs to int8 weights: with a zero point

  bool operator==(const FullyConnected&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("keep_dims", self.keep_dims);
    field("activation", self.activation);
    field("asymmetric_inputs", self.asymmetric_inputs);
  }
};

}  // namespace mote::ops
