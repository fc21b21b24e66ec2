// Split: the input cut along one dimension. Input of any rank >= 1; output i has sizes[i] of the
// indices of dimension `axis`, one after another, and the input's other dimensions and
// quantization. TFLite SPLIT (equal sizes) and SPLIT_V.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Split {
  int32_t axis = 0;            // from the front
  std::vector<int32_t> sizes;  // at least 1 each, together the dimension

  bool operator==(const Split&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("axis", self.axis);
    field("sizes", self.sizes);
  }
};

}  // namespace mote::ops
