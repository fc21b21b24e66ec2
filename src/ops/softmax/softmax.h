// Softmax: out = exp(beta * in) / sum over the last dimension of exp(beta * in). Rank 1..4.
// Output quantization is fixed: int8 scale 1/256, zero point -128. TFLite SOFTMAX.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Softmax {
  float beta = 1.0f;

  bool operator==(const Softmax&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("beta", self.beta);
  }
};

}  // namespace mote::ops
