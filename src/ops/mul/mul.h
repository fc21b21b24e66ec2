// Mul: out = activation(a * b), with NumPy broadcasting of shapes up to rank 4.
// Inputs: a, b (either may be a constant). Output: the broadcast shape. TFLite MUL.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Mul {
  Activation activation = Activation::none;

  bool operator==(const Mul&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("activation", self.activation);
  }
};

}  // namespace mote::ops
