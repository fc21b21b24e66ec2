// Pad: the input between constant borders. Input of rank 1..4; output dimension d has
// before[d] + in[d] + after[d] elements. The border is real `value`, 0 for TFLite PAD (the zero
// point where quantized); PADV2 names another. Output quantization is the input's.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Pad {
  std::vector<int32_t> before;  // one entry per dimension, >= 0
  std::vector<int32_t> after;
  float value = 0.0f;

  bool operator==(const Pad&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("before", self.before);
    field("after", self.after);
    field("value", self.value);
  }
};

}  // namespace mote::ops
