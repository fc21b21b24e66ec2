// Add: out = activation(a + b), with NumPy broadcasting of shapes up to rank 4.
// Inputs: a, b (either may be a constant). Output: the broadcast shape.
// TFLite ADD (techniques: its integer form rescales both terms to a shared 2^20 fixed point).
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Add {
  Activation activation = Activation::none;

  bool operator==(const Add&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("activation", self.activation);
  }
};

}  // namespace mote::ops
