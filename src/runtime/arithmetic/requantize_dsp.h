/* mote_requantize_s32 in a handful of instructions on cores with the DSP extension (SMMLAR), bit
 * for bit. With 2^30 <= m < 2^31 and h = 2 * m - 2^32, floor((v * h + v * 2^32 + 2^31) / 2^32) =
 * floor((v * m + 2^30) / 2^31) = srdhm(v, m); and for a shift to the right by e >= 2, x less 1
 * where it is negative, floor((x * 2^(32 - e) + 2^31) / 2^32) = x / 2^e, ties away from zero.
 * Tested by requantize_dsp_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_DSP_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_DSP_H

#include "runtime/arithmetic/requantize.h"
#include "runtime/linkage.h"

/* floor((a * b + addend * 2^32 + 2^31) / 2^32), modulo 2^32. */
static inline int32_t mote_add_high_product(int32_t a, int32_t b, int32_t addend) {
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__GNUC__)
  int32_t result;
  __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(addend));
  return result;
#else
  const int64_t high = mote_shift_right_s64((int64_t)a * b + ((int64_t)1 << 31), 32);
  return (int32_t)((uint32_t)high + (uint32_t)addend);
#endif
}

/* The nearest in [-128, 127]. */
static inline int32_t mote_saturate_s8_dsp(int32_t value) {
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__) && defined(__GNUC__)
  int32_t result;
  __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(value));
  return result;
#else
  return mote_clamp_s32(value, -128, 127);
#endif
}

/* A multiplier and a shift, prepared for many values. */
typedef struct mote_dsp_rescaling {
  int32_t high;  /* 2 * multiplier - 2^32; where `scale` is 0, the multiplier */
  int32_t scale; /* 2^(32 + shift); 0 where mote_requantize_s32 has to do it */
  int32_t shift;
} mote_dsp_rescaling;

static inline mote_dsp_rescaling mote_dsp_rescaling_of(int32_t multiplier, int32_t shift) {
  mote_dsp_rescaling r = {multiplier, 0, shift};
  if (multiplier >= 1 << 30 && shift <= -2) {
    r.high = (int32_t)((uint32_t)multiplier << 1);
    r.scale = (int32_t)(UINT32_C(1) << (32 + shift));
  }
  return r;
}

/* Whether the factor is 1/2, which even values take exactly. */
static inline int mote_dsp_halves(const mote_dsp_rescaling* r) {
  return r->scale == 0 && r->high == 1 << 30 && r->shift == 0;
}

/* Where `scale` is not 0. */
static inline int32_t mote_rescale_right_dsp(int32_t value, int32_t high, int32_t scale,
                                             int32_t offset) {
  const int32_t x = mote_add_high_product(value, high, value);
  return mote_add_high_product(x - (int32_t)((uint32_t)x >> 31), scale, offset);
}

/* Out of line, since few networks have such factors and the code is long. */
static MOTE_RARE int32_t mote_rescale_rarely(int32_t value, const mote_dsp_rescaling* r) {
  return mote_requantize_s32(value, r->high, r->shift);
}

/* mote_requantize_s32(value, multiplier, shift) + offset. */
static inline int32_t mote_rescale_dsp(int32_t value, const mote_dsp_rescaling* r, int32_t offset) {
  if (r->scale == 0) return mote_rescale_rarely(value, r) + offset;
  return mote_rescale_right_dsp(value, r->high, r->scale, offset);
}

/* For assembly: what mote_rescale_s8_dsp, below, makes of the sum in a register. */
#define MOTE_RESCALED(sum, high, scale, offset)  \
  " smmlar " sum ", " sum ", " high ", " sum     \
  "\n"                                           \
  " add " sum ", " sum ", " sum                  \
  ", asr #31\n"                                  \
  " smmlar " sum ", " sum ", " scale ", " offset \
  "\n"                                           \
  " ssat " sum ", #8, " sum "\n"

/* Whether that is all there is to do for an output of int8. */
static inline int mote_dsp_only_saturates(const mote_dsp_rescaling* r, int32_t activation_min,
                                          int32_t activation_max) {
  return r->scale != 0 && activation_min == -128 && activation_max == 127;
}

static inline int8_t mote_rescale_s8_dsp(int32_t value, int32_t high, int32_t scale,
                                         int32_t offset) {
  return (int8_t)mote_saturate_s8_dsp(mote_rescale_right_dsp(value, high, scale, offset));
}

#endif
