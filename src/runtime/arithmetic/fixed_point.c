/* See fixed_point.h. A range reduction to [-1/4, 0), a fourth-order Taylor polynomial, and one
 * multiplication per set bit of the rest; the reciprocal by Newton-Raphson from 48/17 - 32/17 x. */
#include "runtime/arithmetic/fixed_point.h"

#define MOTE_EXP_MINUS_EIGHTH INT32_C(1895147668) /* exp(-1/8) in Q0.31 */
#define MOTE_ONE_THIRD INT32_C(715827883)         /* 1/3 in Q0.31 */

/* exp(a) in Q0.31 of a in [-1/4, 0) in Q0.31. */
static int32_t exp_on_quarter(int32_t a) {
  const int32_t x = a + (INT32_C(1) << 28);
  const int32_t x2 = mote_srdhm_s32(x, x);
  const int32_t x3 = mote_srdhm_s32(x2, x);
  const int32_t x4 = mote_srdhm_s32(x2, x2);
  const int32_t x4_over_4 = mote_rounding_divide_by_pot_s32(x4, 2);
  const int32_t tail =
      mote_rounding_divide_by_pot_s32(mote_srdhm_s32(x4_over_4 + x3, MOTE_ONE_THIRD) + x2, 1);
  return MOTE_EXP_MINUS_EIGHTH + mote_srdhm_s32(MOTE_EXP_MINUS_EIGHTH, x + tail);
}

MOTE_SHARED(mote_exp_on_negative_s32)
int32_t mote_exp_on_negative_s32(int32_t a, int32_t integer_bits) {
  /* exp(-2^k) in Q0.31, k = -2 .. 4 */
  static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308,
                                     39332535,   720401,     242};
  if (a == 0) return INT32_MAX;
  const int32_t fraction_bits = 31 - integer_bits;
  const int32_t quarter = INT32_C(1) << (fraction_bits - 2);
  const int32_t reduced = (a & (quarter - 1)) - quarter;
  const int32_t rest = reduced - a;
  int32_t result = exp_on_quarter(mote_shift_left_s32(reduced, integer_bits));
  for (int32_t exponent = -2; exponent < integer_bits; exponent++)
    if (rest & INT32_C(1) << (fraction_bits + exponent))
      result = mote_srdhm_s32(result, factors[exponent + 2]);
  return result;
}

MOTE_SHARED(mote_reciprocal_of_one_plus_s32)
int32_t mote_reciprocal_of_one_plus_s32(int32_t a) {
  const int32_t half_denominator = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
  int32_t x = INT32_C(1515870810) + mote_srdhm_s32(half_denominator, INT32_C(-1010580540));
  for (int i = 0; i < 3; i++) {
    const int32_t product = mote_srdhm_s32(half_denominator, x);
    const int32_t error = (INT32_C(1) << 29) - product;
    x += mote_saturating_shift_left_s32(mote_srdhm_s32(x, error), 2);
  }
  return mote_saturating_shift_left_s32(x, 1);
}
