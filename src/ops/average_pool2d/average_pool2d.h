// AveragePool2D: the mean of the window's elements inside the image (padding does not count).
// Input [N, H, W, C]; output [N, OH, OW, C] with the input's quantization. TFLite AVERAGE_POOL_2D.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct AveragePool2D {
  Size2D window;
  Size2D stride;
  Padding padding;
  Activation activation = Activation::none;

  bool operator==(const AveragePool2D&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("window", self.window);
    field("stride", self.stride);
    field("padding", self.padding);
    field("activation", self.activation);
  }
};

}  // namespace mote::ops
