// Quantize: reals to integers, or integers of one quantization to those of another. Any shape.
// Of float32: clamp(round(in / scale) + zero_point). uint8 and int32 occur at the borders of
// networks only: no other operator but Dequantize takes them. TFLite QUANTIZE.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct Quantize {
  DType dtype = DType::int8;  // of the output
  float scale = 1.0f;         // of the output, one for the tensor
  int32_t zero_point = 0;

  bool operator==(const Quantize&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("dtype", self.dtype);
    field("scale", self.scale);
    field("zero_point", self.zero_point);
  }
};

}  // namespace mote::ops
