// StridedSlice: out[i, j, ...] = in[begin[0] + i * stride[0], begin[1] + j * stride[1], ...]. Input
// of rank 1..4, one entry of each attribute per dimension. The output has the input's rank, shape
// `size` and quantization. TFLite STRIDED_SLICE; its masks are resolved at import: shrunk and new
// dimensions are a Reshape behind.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct StridedSlice {
  std::vector<int32_t> begin;   // the first element, within the dimension
  std::vector<int32_t> size;    // how many, at least 1; -1: as many as there are, in any batch
  std::vector<int32_t> stride;  // not 0; negative: backwards

  bool operator==(const StridedSlice&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("begin", self.begin);
    field("size", self.size);
    field("stride", self.stride);
  }
};

}  // namespace mote::ops
