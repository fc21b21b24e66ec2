// Seeded pairs of shapes that broadcast: for the elementwise operators with two operands.
#pragma once

#include "tests/support/node_oracle.h"

namespace mote::testing {

// The element of an operand that an element of the output reads: dimensions align at the last.
inline size_t source(size_t element, const Shape& output, const Shape& operand) {
  std::vector<int64_t> position = position_of(static_cast<int64_t>(element), output);
  position.erase(position.begin(), position.end() - static_cast<std::ptrdiff_t>(operand.size()));
  for (size_t d = 0; d < operand.size(); d++)
    if (operand[d] == 1) position[d] = 0;
  return element_at(position, operand);
}

struct BroadcastCase {
  Activation activation;
  Shape a, b;
};

// Shapes of ranks 1 to 6; one operand is the full shape, or each lacks some dimensions.
inline BroadcastCase random_broadcast(Random& random) {
  const auto narrowed = [&](Shape shape) {
    for (int32_t& size : shape)
      if (random.below(3) == 0) size = 1;
    const size_t dropped = random.below(shape.size());
    return Shape(shape.begin() + static_cast<std::ptrdiff_t>(dropped), shape.end());
  };
  const Shape full = random_shape(1 + random.below(6), 5, random);
  BroadcastCase result{static_cast<Activation>(random.below(4)), full, full};
  const uint64_t kind = random.below(4);
  if (kind == 1 || kind == 3) result.a = narrowed(full);
  if (kind == 2 || kind == 3) result.b = narrowed(full);
  return result;
}

}  // namespace mote::testing
