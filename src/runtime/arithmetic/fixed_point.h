/* exp(x) for x <= 0 and 1/(1+x) in 32-bit fixed point, bit for bit as in gemmlowp's fixedpoint.h
 * (which TFLite's reference kernels use). Qm.n: m integer bits, n fraction bits. Normative text:
 * docs/arithmetic.md, section "Fixed-point functions"; tested by arithmetic_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_FIXED_POINT_H
#define MOTE_RUNTIME_ARITHMETIC_FIXED_POINT_H

#include "runtime/arithmetic/requantize.h"

/* exp(a) in Q0.31 of a <= 0 in Q(integer_bits).(31 - integer_bits), integer_bits in [0, 5]. */
int32_t mote_exp_on_negative_s32(int32_t a, int32_t integer_bits);

/* 1 / (1 + a) in Q0.31 of a in Q0.31, 0 <= a < 1. */
int32_t mote_reciprocal_of_one_plus_s32(int32_t a);

#endif
