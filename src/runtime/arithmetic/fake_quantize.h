/* Fake quantization: the real number that an integer stands for, without the integer. For training,
 * which does this to every number of a network: one expression without branches, which compilers
 * vectorize. Normative text: docs/arithmetic.md; tested by fake_quantize_test.cc.
 */
#ifndef MOTE_RUNTIME_ARITHMETIC_FAKE_QUANTIZE_H
#define MOTE_RUNTIME_ARITHMETIC_FAKE_QUANTIZE_H

#include <stdint.h>

/* The nearest integer, ties away from zero; |value| < 2^31. */
static inline float mote_nearest_f32(float value) {
  const int32_t whole = (int32_t)value; /* toward zero */
  const float rest = value - (float)whole;
  return (float)(whole + (rest >= 0.5f) - (rest <= -0.5f));
}

/* NaN becomes the least. */
static inline float mote_limit_f32(float value, float least, float most) {
  const float above = value > least ? value : least;
  return above < most ? above : most;
}

/* mote_dequantize_f32(mote_quantize_f32(value, scale, zero_point, min, max), scale, zero_point)
 * with least = min - zero_point and most = max - zero_point, both at most 2^24 in magnitude. Limits
 * before it rounds, which is the same, for both are integers. */
static inline float mote_fake_quantize_f32(float value, float scale, float least, float most) {
  return scale * mote_nearest_f32(mote_limit_f32(value / scale, least, most));
}

/* How a kernel rescales its sums, as mote_requantize_s32 does: by fraction / grain. */
typedef struct {
  float inv_factor; /* steps of the sum in one of the output */
  float fraction;   /* the factor times the grain: in [1/2, 1), or the factor where that is more */
  float inv_grain;  /* 2^min(shift, 0): what is left to divide by after the multiplier */
} mote_fake_rescale;

/* The same of a sum of products, `value`, that a kernel rescales: to the steps that sums have, to
 * those that the multiplier leaves, and to those of the output. Up to the 24 bits of a float. */
static inline float mote_fake_requantize_f32(float value, float scale, mote_fake_rescale by,
                                             float least, float most) {
  const float near = mote_limit_f32(value / scale, least - 1.0f, most + 1.0f);
  const float multiplied = mote_nearest_f32(near * by.inv_factor) * by.fraction;
  const float rescaled = mote_nearest_f32(mote_nearest_f32(multiplied) * by.inv_grain);
  return scale * mote_limit_f32(rescaled, least, most);
}

#endif
