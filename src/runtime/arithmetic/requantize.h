/* Fixed-point rescaling of accumulators. Normative text: docs/arithmetic.md, section "Rescaling";
 * golden vectors from arbitrary-precision evaluation in arithmetic_test.cc. Semantics are TFLite's
 * reference kernels in their default build ("double" rounding): decision 0001. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_H

#include "runtime/arithmetic/bits.h"

/* Which rounding a program uses; a field of the parameters of int8 kernels. Firmware is always
 * MOTE_ROUNDING_DOUBLE; the `reference` engine can also predict runtimes that round once. */
typedef enum mote_rounding { MOTE_ROUNDING_DOUBLE = 0, MOTE_ROUNDING_SINGLE = 1 } mote_rounding;

/* floor((a * b + 2^30) / 2^31), saturated (only INT32_MIN * INT32_MIN saturates). */
static inline int32_t mote_srdhm_s32(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return (int32_t)mote_shift_right_s64((int64_t)a * b + ((int64_t)1 << 30), 31);
}

/* value / 2^exponent, ties away from zero; 0 <= exponent <= 31. */
static inline int32_t mote_rounding_divide_by_pot_s32(int32_t value, int32_t exponent) {
  const int32_t mask = (int32_t)(((int64_t)1 << exponent) - 1);
  const int32_t remainder = value & mask;
  const int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return mote_shift_right_s32(value, exponent) + (remainder > threshold ? 1 : 0);
}

/* value * multiplier * 2^(shift - 31) in two rounding steps, -31 <= shift <= 31. `lower` proves
 * that value * 2^max(shift, 0) fits; where it does not (a model that means nothing) it wraps. */
static inline int32_t mote_requantize_s32(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  return mote_rounding_divide_by_pot_s32(
      mote_srdhm_s32(mote_shift_left_s32(value, left), multiplier), right);
}

/* The same in one step: floor(value * multiplier / 2^(31 - shift) + 1/2). */
static inline int32_t mote_requantize_single_s32(int32_t value, int32_t multiplier, int32_t shift) {
  const int32_t total = 31 - shift;
  const int64_t half = total > 0 ? (int64_t)1 << (total - 1) : 0;
  return (int32_t)mote_shift_right_s64((int64_t)value * multiplier + half, total);
}

/* Rescales by the rounding that the parameters name. */
static inline int32_t mote_requantize_rounded_s32(int32_t value, int32_t multiplier, int32_t shift,
                                                  int32_t rounding) {
  return rounding == MOTE_ROUNDING_SINGLE ? mote_requantize_single_s32(value, multiplier, shift)
                                          : mote_requantize_s32(value, multiplier, shift);
}

/* A multiplier cut to 15 bits. */
static inline int32_t mote_reduce_multiplier(int32_t multiplier) {
  return multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
}

/* What mote_requantize_s64 shifts to the right by 15 - shift: linear in the value, so that sums may
 * be multiplied in parts. */
static inline int64_t mote_scale_s64(int64_t value, int32_t multiplier, int32_t shift) {
  return value * mote_reduce_multiplier(multiplier) + ((int64_t)1 << (14 - shift));
}

/* Rescales a 64-bit accumulator by a multiplier cut to 15 bits, as TFLite does for int16
 * activations; -2^47 <= value < 2^47, -31 <= shift < 8. */
static inline int32_t mote_requantize_s64(int64_t value, int32_t multiplier, int32_t shift) {
  return (int32_t)mote_shift_right_s64(mote_scale_s64(value, multiplier, shift), 15 - shift);
}

/* The same value by all 31 bits of the multiplier, in one step: floor(value * multiplier / 2^(31 -
 * shift) + 1/2). The product has up to 78 bits, so it is kept as whole * 2^31 + rest. */
static inline int32_t mote_requantize_single_s64(int64_t value, int32_t multiplier, int32_t shift) {
  const int64_t low = (value & INT32_MAX) * multiplier;
  const int64_t rest = low & INT32_MAX;
  const int64_t whole =
      mote_shift_right_s64(value, 31) * multiplier + mote_shift_right_s64(low, 31);
  if (shift < 0) return (int32_t)mote_shift_right_s64(whole + ((int64_t)1 << (-shift - 1)), -shift);
  const int64_t half = (int64_t)1 << (30 - shift);
  return (int32_t)(whole * ((int64_t)1 << shift) + mote_shift_right_s64(rest + half, 31 - shift));
}

/* sum / count, ties away from zero; count > 0 and |sum| + count / 2 < 2^31. The rounding of average
 * pooling. */
static inline int32_t mote_rounded_average_s32(int32_t sum, int32_t count) {
  return sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
}

#endif
