// Relu: out = max(in, 0). Any shape; input and output may have different quantizations.
// TFLite RELU. Where possible `fuse_activation` makes it part of the node before.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Relu {
  bool operator==(const Relu&) const = default;
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace mote::ops
