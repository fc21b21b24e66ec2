/* Bit-level helpers and saturation. Part of the single source of truth for quantized arithmetic
 * (docs/arithmetic.md); tested by arithmetic_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_BITS_H
#define MOTE_RUNTIME_ARITHMETIC_BITS_H

#include <stdint.h>

static inline int32_t mote_min_s32(int32_t a, int32_t b) {
  return a < b ? a : b;
}
static inline int32_t mote_max_s32(int32_t a, int32_t b) {
  return a > b ? a : b;
}

/* value limited to [min, max]. */
static inline int32_t mote_clamp_s32(int32_t value, int32_t min, int32_t max) {
  return value < min ? min : (value > max ? max : value);
}

/* Leading zero bits of a 32-bit word; 32 for 0. */
static inline int32_t mote_clz32(uint32_t value) {
  int32_t zeros = 0;
  if (value == 0) return 32;
  if (value < UINT32_C(0x00010000)) zeros += 16, value <<= 16;
  if (value < UINT32_C(0x01000000)) zeros += 8, value <<= 8;
  if (value < UINT32_C(0x10000000)) zeros += 4, value <<= 4;
  if (value < UINT32_C(0x40000000)) zeros += 2, value <<= 2;
  if (value < UINT32_C(0x80000000)) zeros += 1;
  return zeros;
}

/* Arithmetic shift right: floor(value / 2^shift), 0 <= shift <= 31 (63). Right-shifting a negative
 * number is implementation-defined in C; every compiler we support shifts arithmetically, and
 * arithmetic_test.cc holds them to it. */
static inline int32_t mote_shift_right_s32(int32_t value, int32_t shift) {
  return value >> shift;
}
static inline int64_t mote_shift_right_s64(int64_t value, int32_t shift) {
  return value >> shift;
}

/* value * 2^shift modulo 2^32: for callers that have proven that it does not overflow. */
static inline int32_t mote_shift_left_s32(int32_t value, int32_t shift) {
  return (int32_t)((uint32_t)value << shift);
}

/* value * 2^shift, saturated to int32; 0 <= shift <= 31. */
static inline int32_t mote_saturating_shift_left_s32(int32_t value, int32_t shift) {
  const int64_t wide = (int64_t)value * ((int64_t)1 << shift);
  if (wide > INT32_MAX) return INT32_MAX;
  if (wide < INT32_MIN) return INT32_MIN;
  return (int32_t)wide;
}

#endif
