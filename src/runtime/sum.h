/* What Add and Sub on integers share: each term is rescaled to one fixed point,
 * 2 max(scale_a, scale_b) / 2^left_shift, and their sum or difference to the output. int16 has the
 * fields of int8; its zero points are 0. Formulas: docs/arithmetic.md. Tested by the operators'
 * tests. */
#ifndef MOTE_RUNTIME_SUM_H
#define MOTE_RUNTIME_SUM_H

#include "runtime/arithmetic/requantize.h"
#include "runtime/broadcast.h"

#define MOTE_SUM_S8_LEFT_SHIFT 20
#define MOTE_SUM_S16_LEFT_SHIFT 15

#define MOTE_SUM_S8_FIELDS(FIELD)   \
  MOTE_BROADCAST_FIELDS(FIELD)      \
  FIELD(int32_t, a_zero_point)      \
  FIELD(int32_t, a_multiplier)      \
  FIELD(int32_t, a_shift)           \
  FIELD(int32_t, b_zero_point)      \
  FIELD(int32_t, b_multiplier)      \
  FIELD(int32_t, b_shift)           \
  FIELD(int32_t, output_zero_point) \
  FIELD(int32_t, output_multiplier) \
  FIELD(int32_t, output_shift)      \
  FIELD(int32_t, rounding)          \
  FIELD(int32_t, activation_min)    \
  FIELD(int32_t, activation_max)

/* A term q - zero_point in the fixed point. |value| is below 2^8 for int8 and at most 2^15 for
 * int16, so the shift does not overflow; the multiplier is at most 1/2, so neither does a sum. */
static inline int32_t mote_sum_term(int32_t value, int32_t left_shift, int32_t multiplier,
                                    int32_t shift, int32_t rounding) {
  return mote_requantize_rounded_s32(mote_shift_left_s32(value, left_shift), multiplier, shift,
                                     rounding);
}

#endif
