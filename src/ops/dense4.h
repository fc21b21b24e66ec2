// Weights of 4 bits, two a byte: the order of TFLite's INT4 and of the storage dense4. Tested by
// tests/differential/storage_test.cc.
#pragma once

#include <cstdint>
#include <span>

#include "ir/types.h"

namespace mote {

// Weights of [-8, 7], the first of two in the low bits; an odd number is filled up with 0.
constexpr bool fits_dense4(int8_t weight) {
  return weight >= -8 && weight <= 7;
}
Bytes pack_dense4(std::span<const int8_t> weights);
// The first `count` of them, as int8; `bytes` are (count + 1) / 2.
Bytes unpack_dense4(std::span<const uint8_t> bytes, int32_t count);

}  // namespace mote
