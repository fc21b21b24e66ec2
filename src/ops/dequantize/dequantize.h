// Dequantize: integers to the reals that they stand for, float32. Any shape. TFLite DEQUANTIZE.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Dequantize {
  bool operator==(const Dequantize&) const = default;
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace mote::ops
