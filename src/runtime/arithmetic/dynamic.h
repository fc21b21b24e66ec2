/* Quantization on the fly: floats become int8 by a scale from their own range, and sums of their
 * products with int8 weights become floats again. Normative text: docs/arithmetic.md, section
 * "Dynamic range"; tested by dynamic_test.cc. Semantics are those of TFLite's hybrid kernels. */
#ifndef MOTE_RUNTIME_ARITHMETIC_DYNAMIC_H
#define MOTE_RUNTIME_ARITHMETIC_DYNAMIC_H

#include <float.h>

#include "runtime/arithmetic/affine.h"

/* real ~ scale * (quantized - zero_point). inv_scale is what reals are multiplied by; it is not
 * always the float next to 1 / scale. */
typedef struct mote_dynamic_scale {
  float scale;
  float inv_scale;
  int32_t zero_point;
} mote_dynamic_scale;

/* Of nothing but zeros, or of reals so small that their inv_scale would overflow: all become 0. */
static inline mote_dynamic_scale mote_unit_scale(void) {
  const mote_dynamic_scale unit = {1.0f, 1.0f, 0};
  return unit;
}

/* Of reals in [min, max], min <= 0 <= max. They become integers in [-127, 127]. */
static inline mote_dynamic_scale mote_symmetric_scale(float min, float max) {
  const float range = -min > max ? -min : max; /* of zeros: max, for -min is -0 */
  const mote_dynamic_scale result = {range / 127.0f, 127.0f / range, 0};
  return result.inv_scale <= FLT_MAX ? result : mote_unit_scale();
}

/* Of reals in [min, max], min <= 0 <= max. The zero point is taken from the end of the range where
 * it loses less to rounding. They become integers in [-128, 127]. */
static inline mote_dynamic_scale mote_asymmetric_scale(float min, float max) {
  const double scale = ((double)max - (double)min) / 255.0;
  const double below = (double)min / scale, above = (double)max / scale; /* steps from zero */
  const double zero_point = 128.0 - below < 127.0 + above ? -128.0 - below : 127.0 - above;
  const mote_dynamic_scale result = {
      (float)scale, 1.0f / (float)scale,
      mote_clamp_s32((int32_t)mote_round_f64(zero_point, 1 << 20), -128, 127)};
  return result.inv_scale <= FLT_MAX ? result : mote_unit_scale();
}

/* The nearest integer to zero_point + value * inv_scale in binary32, ties away from zero; NaN gives
 * 0. */
static inline int32_t mote_quantize_dynamic_f32(float value, mote_dynamic_scale by) {
  const float shifted = (float)by.zero_point + value * by.inv_scale;
  return mote_clamp_s32(mote_round_f32(shifted), -128, 127);
}

/* What a sum of products of integers, zero points taken off, stands for: the product of both scales
 * comes first, as where TFLite scales a whole vector at once. */
static inline float mote_dequantize_sum_f32(int32_t sum, float weight_scale, float input_scale) {
  return (float)sum * (weight_scale * input_scale);
}

#endif
