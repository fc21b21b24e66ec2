/* IEEE binary16, kept as its bits: to binary32, exactly, and back, rounded to nearest, ties to
 * even. No compiler's own 16-bit type, which few have: the same bits everywhere. Tested by
 * float16_test.cc; docs/arithmetic.md. */
#ifndef MOTE_RUNTIME_ARITHMETIC_FLOAT16_H
#define MOTE_RUNTIME_ARITHMETIC_FLOAT16_H

#include <stdint.h>

typedef union mote_f32_bits {
  float value;
  uint32_t bits;
} mote_f32_bits;

/* Every binary16 is a binary32; a NaN keeps its sign and its payload. */
static inline float mote_f32_from_f16(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7FFFu;
  mote_f32_bits result;
  if (magnitude >= 0x7C00u) {
    result.bits = 0x7F800000u | (magnitude & 0x3FFu) << 13;
  } else if (magnitude >= 0x400u) {
    result.bits = (magnitude << 13) + (112u << 23); /* the exponents' biases: 127 - 15 */
  } else {
    result.value = (float)(int32_t)magnitude * 5.9604644775390625e-8f; /* of 2^-24 */
  }
  result.bits |= sign;
  return result.value;
}

/* value / 2^shift to the nearest integer, ties to even; 1 <= shift <= 31. */
static inline uint32_t mote_divide_by_pot_even_u32(uint32_t value, uint32_t shift) {
  const uint32_t quotient = value >> shift;
  const uint32_t rest = value & ((1u << shift) - 1u);
  const uint32_t half = 1u << (shift - 1u);
  return quotient + (rest > half || (rest == half && quotient % 2u == 1u));
}

/* What rounds beyond 65504 is infinite; a NaN stays one. */
static inline uint16_t mote_f16_from_f32(float value) {
  mote_f32_bits from;
  from.value = value;
  const uint32_t sign = from.bits >> 16 & 0x8000u;
  const uint32_t magnitude = from.bits & 0x7FFFFFFFu;
  const uint32_t exponent = magnitude >> 23;
  uint32_t half = 0;
  if (magnitude > 0x7F800000u) {
    half = 0x7E00u | (magnitude >> 13 & 0x3FFu);
  } else if (exponent >= 143u) { /* 2^16 and above */
    half = 0x7C00u;
  } else if (exponent >= 113u) { /* 2^-14 and above; rounding may carry into the exponent */
    half = mote_divide_by_pot_even_u32(magnitude - (112u << 23), 13u);
  } else if (exponent >= 102u) { /* down to half of the least, 2^-24 */
    half = mote_divide_by_pot_even_u32((magnitude & 0x7FFFFFu) | 0x800000u, 126u - exponent);
  }
  return (uint16_t)(sign | half);
}

#endif
