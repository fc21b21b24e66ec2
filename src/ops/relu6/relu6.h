// Relu6: out = min(max(in, 0), 6). Any shape. TFLite RELU6, whose integer form clamps without
// rescaling: output quantization is the input's. Where possible `fuse_activation` absorbs it.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Relu6 {
  bool operator==(const Relu6&) const = default;
  template <class Self, class Visitor>
  static void visit(Self&, Visitor&&) {}
};

}  // namespace mote::ops
