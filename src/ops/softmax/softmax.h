// Softmax: out = exp(beta * in) / sum over the last dimension of exp(beta * in). Rank 1..4.
// Output quantization is fixed (scale, zero point): int8 1/256, -128; int16 1/32768, 0; int16 of
// an int8 input 1/65536, -32768. TFLite SOFTMAX.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Softmax {
  float beta = 1.0f;
  bool int16_output = false;  // of an int8 input

  bool operator==(const Softmax&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("beta", self.beta);
    field("int16_output", self.int16_output);
  }
};

}  // namespace mote::ops
