/* A positive real multiplier as a 32-bit mantissa and a power of two. Normative text:
 * docs/arithmetic.md, section "Multipliers"; tested by arithmetic_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_MULTIPLIER_H
#define MOTE_RUNTIME_ARITHMETIC_MULTIPLIER_H

#include <stdint.h>

/* real ~ multiplier * 2^(shift - 31), multiplier in [2^30, 2^31) or 0; shift > 0 is to the left. */
typedef struct mote_multiplier {
  int32_t multiplier;
  int32_t shift;
} mote_multiplier;

#define MOTE_MULTIPLIER_MIN_SHIFT (-31)
#define MOTE_MULTIPLIER_MAX_SHIFT 31

/* The nearest mote_multiplier of a real >= 0, ties away from zero. Reals whose shift would be below
 * -31 flush to {0, 0}, as in TFLite's QuantizeMultiplier; those whose shift would be above 31,
 * where TFLite's arithmetic is undefined, saturate (infinities and NaN too), so that every result
 * is a legal argument of every rescale. Works on the bits of the binary64: no math library has a
 * say. */
static inline mote_multiplier mote_quantize_multiplier(double real) {
  union {
    double real;
    uint64_t bits;
  } view;
  view.real = real;
  const int32_t biased = (int32_t)(view.bits >> 52 & 0x7FF);
  const uint64_t fraction = view.bits & ((UINT64_C(1) << 52) - 1);
  mote_multiplier result = {0, 0};
  if (biased == 0) return result; /* zero and subnormals: far below 2^-32 */
  /* real = mantissa * 2^(shift - 53), mantissa in [2^52, 2^53) */
  const uint64_t mantissa = fraction | UINT64_C(1) << 52;
  int32_t shift = biased - 1022;
  uint64_t rounded = (mantissa + (UINT64_C(1) << 21)) >> 22;
  if (rounded == UINT64_C(1) << 31) {
    rounded >>= 1;
    shift += 1;
  }
  if (shift < MOTE_MULTIPLIER_MIN_SHIFT) return result;
  if (shift > MOTE_MULTIPLIER_MAX_SHIFT) {
    rounded = INT32_MAX;
    shift = MOTE_MULTIPLIER_MAX_SHIFT;
  }
  result.multiplier = (int32_t)rounded;
  result.shift = shift;
  return result;
}

#endif
