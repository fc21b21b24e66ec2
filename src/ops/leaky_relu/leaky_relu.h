// LeakyRelu: out = in where in > 0, else alpha * in. Any shape; input and output may have different
// quantizations. alpha is any finite number, a negative one too. TFLite LEAKY_RELU.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct LeakyRelu {
  float alpha = 0.0f;

  bool operator==(const LeakyRelu&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("alpha", self.alpha);
  }
};

}  // namespace mote::ops
