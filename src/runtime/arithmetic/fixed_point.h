/* exp(x) for x <= 0 and 1/(1+x) in 32-bit fixed point, bit for bit as in gemmlowp's fixedpoint.h
 * (which TFLite's reference kernels use). Qm.n: m integer bits, n fraction bits. Normative text:
 * docs/arithmetic.md, section "Fixed-point functions"; tested by arithmetic_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_FIXED_POINT_H
#define MOTE_RUNTIME_ARITHMETIC_FIXED_POINT_H

#include "runtime/arithmetic/requantize.h"
#include "runtime/linkage.h"

MOTE_C_BEGIN

/* floor(value / 2^exponent + 1/2), ties up; 1 <= exponent <= 31 and value + 2^(exponent - 1) fits.
 */
static inline int32_t mote_shift_right_half_up_s32(int32_t value, int32_t exponent) {
  return mote_shift_right_s32(value + ((int32_t)1 << (exponent - 1)), exponent);
}

/* exp(a) in Q0.31 of a <= 0 in Q(integer_bits).(31 - integer_bits), integer_bits in [0, 5]. */
int32_t mote_exp_on_negative_s32(int32_t a, int32_t integer_bits);

/* 1 / (1 + a) in Q0.31 of a in Q0.31, 0 <= a < 1. */
int32_t mote_reciprocal_of_one_plus_s32(int32_t a);

MOTE_C_END

#endif
