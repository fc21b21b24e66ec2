/* The elementary functions that float kernels need, without a math library: the same bits on every
 * machine with IEEE 754 binary32 that neither contracts nor widens (-ffp-contract=off,
 * FLT_EVAL_METHOD 0), hence on the host and in firmware. Tested by float_math_test.cc. */
#ifndef MOTE_RUNTIME_FLOAT_MATH_H
#define MOTE_RUNTIME_FLOAT_MATH_H

#include "runtime/linkage.h"

MOTE_C_BEGIN

/* e^x, within 1.1 units in the last place; subnormal results too. NaN stays NaN, large x gives
 * infinity. */
float mote_exp_f32(float x);

/* value limited to [min, max]; NaN stays NaN. */
static inline float mote_clamp_f32(float value, float min, float max) {
  return value < min ? min : (value > max ? max : value);
}

MOTE_C_END

#endif
