/* See float_math.h. x = k ln 2 + r with |r| <= ln(2) / 2, then e^x = 2^k e^r. */
#include "runtime/exact_float.h"

#include "runtime/float_math.h"

#include "runtime/arithmetic/affine.h"

/* ln 2 in two parts. The first has 9 significant bits, so that k * MOTE_LN2_HIGH is exact for every
 * k here and r loses nothing to cancellation. */
#define MOTE_LN2_HIGH 0.693359375f
#define MOTE_LN2_LOW (-2.12194440e-4f)
#define MOTE_LOG2_E 1.44269504f

/* 2^exponent, -126 <= exponent <= 127. */
static float power_of_two(int32_t exponent) {
  const union {
    uint32_t bits;
    float value;
  } view = {(uint32_t)(exponent + 127) << 23};
  return view.value;
}

MOTE_SHARED(mote_exp_f32)
float mote_exp_f32(float x) {
  if (x != x) return x;
  if (x > 88.8f) x = 88.8f;     /* e^88.8 is infinite already, */
  if (x < -104.0f) x = -104.0f; /* e^-104 zero */
  const int32_t k = mote_round_f32(x * MOTE_LOG2_E);
  const float r = (x - (float)k * MOTE_LN2_HIGH) - (float)k * MOTE_LN2_LOW;
  /* Taylor to the seventh power: what is left out is below 2^-27 of the result. */
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  const float e = 1.0f + (r + r * r * p);
  /* Two factors, since 2^k itself may be out of range: only the last product can round. */
  const int32_t half = k / 2;
  return e * power_of_two(half) * power_of_two(k - half);
}
