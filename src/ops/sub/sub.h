// Sub: out = activation(a - b), with NumPy broadcasting of shapes up to rank 4.
// Inputs: a, b (either may be a constant). Output: the broadcast shape.
// TFLite SUB (its integer form is Add's, with factors that are derived in binary32).
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Sub {
  Activation activation = Activation::none;

  bool operator==(const Sub&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("activation", self.activation);
  }
};

}  // namespace mote::ops
