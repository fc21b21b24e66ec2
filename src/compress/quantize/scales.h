// The scales of integer weights: symmetric, in a narrow range, zero point 0. Tested by
// scales_test.cc.
#pragma once

#include <cstdint>

#include "compress/choices.h"
#include "ir/value.h"

namespace mote::compress {

enum class WeightScale : uint8_t {
  min_max,  // the largest magnitude becomes the end of the range
  mse,      // of 0.20, 0.21, .. 1.00 times that the one of the least squared error, if rounded to
            // the nearest: magnitudes beyond are clipped
};
template <>
std::span<const std::string_view> choices<WeightScale>();

// One scale per index of `axis` (of the whole tensor for -1); channels of zeros get the scale that
// the largest magnitude of the others has. Throws Error{invalid_input} for weights that are
// infinite or no numbers.
Quantization weight_quantization(const Value& weights, int32_t axis, int32_t bits = 8,
                                 WeightScale scale = WeightScale::min_max);

// Visits the elements of a tensor with the index of the scale that each has.
template <class Visit>
void for_each_channel(const Shape& shape, int32_t axis, Visit&& visit) {
  int64_t inner = 1;
  if (axis >= 0)
    for (size_t d = static_cast<size_t>(axis) + 1; d < shape.size(); d++) inner *= shape[d];
  const int64_t channels = axis >= 0 ? shape[static_cast<size_t>(axis)] : 1;
  const int64_t count = element_count(shape);
  for (int64_t i = 0; i < count; i++)
    visit(static_cast<size_t>(i), axis >= 0 ? static_cast<size_t>(i / inner % channels) : 0);
}

}  // namespace mote::compress
