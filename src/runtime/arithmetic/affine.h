/* Affine quantization, real = scale * (quantized - zero_point): between reals and integers.
 * Normative text: docs/arithmetic.md, section "Affine quantization"; tested by arithmetic_test.cc.
 */
#ifndef MOTE_RUNTIME_ARITHMETIC_AFFINE_H
#define MOTE_RUNTIME_ARITHMETIC_AFFINE_H

#include "runtime/arithmetic/bits.h"

/* The nearest integer, ties away from zero, saturated to int32; NaN becomes 0. */
static inline int32_t mote_round_f32(float value) {
  if (!(value > -2147483648.0f)) return value != value ? 0 : INT32_MIN;
  if (value >= 2147483648.0f) return INT32_MAX;
  const int32_t whole = (int32_t)value; /* toward zero */
  const float rest = value - (float)whole;
  if (rest >= 0.5f) return whole + 1; /* |value| < 2^23 wherever rest != 0 */
  if (rest <= -0.5f) return whole - 1;
  return whole;
}

/* The nearest integer of a binary64, ties away from zero, limited to +-max; NaN becomes 0. For
 * biases and zero points, which the host computes; 0 < max < 2^52. */
static inline int64_t mote_round_f64(double value, int64_t max) {
  if (value != value) return 0;
  if (value >= (double)max) return max;
  if (value <= -(double)max) return -max;
  const int64_t whole = (int64_t)value; /* toward zero */
  const double rest = value - (double)whole;
  return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

/* clamp(round(value / scale) + zero_point, min, max), in binary32 throughout, as TFLite. */
static inline int32_t mote_quantize_f32(float value, float scale, int32_t zero_point, int32_t min,
                                        int32_t max) {
  const int64_t shifted = (int64_t)mote_round_f32(value / scale) + zero_point;
  return shifted < min ? min : (shifted > max ? max : (int32_t)shifted);
}

/* scale * (quantized - zero_point), rounded once to binary32 where |quantized - zero_point| < 2^29.
 */
static inline float mote_dequantize_f32(int32_t quantized, float scale, int32_t zero_point) {
  return (float)((double)scale * ((double)quantized - (double)zero_point));
}

#endif
