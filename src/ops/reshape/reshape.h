// Reshape: the same elements, row-major, under another shape; costs nothing at run time.
// One dimension may be -1: what is left. TFLite RESHAPE, SQUEEZE, EXPAND_DIMS.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Reshape {
  std::vector<int32_t> shape;

  bool operator==(const Reshape&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("shape", self.shape);
  }
};

}  // namespace mote::ops
