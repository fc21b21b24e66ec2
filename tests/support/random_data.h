// Seeded contents of tensors, and the rescaling of docs/arithmetic.md in floating point: 64 bits of
// mantissa hold every product of an accumulator and a multiplier.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "ir/graph.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/arithmetic/requantize.h"

namespace mote::testing {

template <class T>
Bytes random_integers(int64_t count, Random& random, int64_t min, int64_t max) {
  std::vector<T> data(static_cast<size_t>(count));
  for (T& x : data)
    x = static_cast<T>(min +
                       static_cast<int64_t>(random.below(static_cast<uint64_t>(max - min + 1))));
  return to_bytes(std::span<const T>(data));
}

inline Bytes random_floats(int64_t count, Random& random) {
  std::vector<float> data(static_cast<size_t>(count));
  for (float& x : data) x = static_cast<float>(random.normal());
  return to_bytes(std::span<const float>(data));
}

inline Bytes random_elements(const TensorType& type, Random& random) {
  const int64_t count = element_count(type.shape);
  if (type.dtype == DType::int8) return random_integers<int8_t>(count, random, -128, 127);
  if (type.dtype == DType::uint8) return random_integers<uint8_t>(count, random, 0, 255);
  if (type.dtype == DType::int16) return random_integers<int16_t>(count, random, -32768, 32767);
  if (type.dtype == DType::int32)
    return random_integers<int32_t>(count, random, INT32_MIN, INT32_MAX);
  return random_floats(count, random);
}

inline Bytes random_input(const Graph& graph, Random& random) {
  const TensorType& type = graph.value(graph.inputs[0]).type;
  return random_elements(type, random);
}

// The element of a tensor of integers.
inline int64_t integer_at(const Bytes& bytes, DType dtype, size_t index) {
  if (dtype == DType::int8) return reinterpret_cast<const int8_t*>(bytes.data())[index];
  if (dtype == DType::uint8) return bytes[index];
  if (dtype == DType::int16) return reinterpret_cast<const int16_t*>(bytes.data())[index];
  if (dtype == DType::int32) return reinterpret_cast<const int32_t*>(bytes.data())[index];
  return reinterpret_cast<const int64_t*>(bytes.data())[index];
}

// floor(x * multiplier / 2^31 + 1/2) / 2^-shift, ties away from zero; or all in one rounding.
inline int64_t naive_rescale(int64_t x, mote_multiplier m, mote_rounding rounding) {
  const long double product = static_cast<long double>(x) * m.multiplier;
  if (rounding == MOTE_ROUNDING_SINGLE)
    return static_cast<int64_t>(std::floor(std::ldexp(product, m.shift - 31) + 0.5L));
  const int32_t left = std::max(m.shift, 0), right = std::max(-m.shift, 0);
  const long double high = std::floor(std::ldexp(product, left - 31) + 0.5L);
  return static_cast<int64_t>(std::round(std::ldexp(high, -right)));
}

// floor(x * reduced / 2^15 * 2^shift + 1/2), the multiplier reduced to 15 bits.
inline int64_t naive_rescale_wide(int64_t x, mote_multiplier m) {
  const long double reduced = std::min(std::floor(std::ldexp(m.multiplier, -16) + 0.5), 32767.0);
  return static_cast<int64_t>(std::floor(std::ldexp(x * reduced, m.shift - 15) + 0.5L));
}

}  // namespace mote::testing
