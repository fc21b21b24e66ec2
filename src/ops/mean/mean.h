// Mean: out = mean of in over the dimensions `axes`, which become 1 or, without keep_dims, go.
// Integers are rescaled from the input's scale to the output's: docs/arithmetic.md, "Mean". TFLite
// MEAN, which is not AVERAGE_POOL_2D over the whole image: that keeps the scale and rounds once.
#pragma once
#include <vector>

#include "ir/types.h"

namespace mote::ops {

struct Mean {
  std::vector<int32_t> axes;  // ascending, each once
  bool keep_dims = false;

  bool operator==(const Mean&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("axes", self.axes);
    field("keep_dims", self.keep_dims);
  }
};

}  // namespace mote::ops
