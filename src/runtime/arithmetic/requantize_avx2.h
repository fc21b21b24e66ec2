/* The rescalings of requantize.h for 8 values at a time, bit for bit, on processors with AVX2. The
 * names are those of requantize_avx512.h: a file includes one of the two. Tested by
 * requantize_vector_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX2_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX2_H

#include <immintrin.h>
#include <stdint.h>

/* Whatever uses these functions is compiled for the same processor. */
#define MOTE_TARGET __attribute__((target("avx2")))
#define MOTE_VECTOR static inline __attribute__((always_inline, target("avx2")))

enum { MOTE_LANES = 8 };
typedef __m256i mote_lanes; /* of int32 */

/* ---- 32-bit sums ---- */

/* Multipliers and shifts, made ready. With h the high half of the doubled product, the second
 * rounding of mote_requantize_s32 is an addition,
 *   away(h / 2^right) = floor((h + 2^(right - 1) - (h < 0 ? 1 : 0)) / 2^right) where right > 0,
 * and where h and the value differ in sign, h is 0 and so is the result. The product is unsigned,
 * so that the doubled multiplier fits: it is 2^32 multipliers too much where the value is
 * negative. */
typedef struct mote_rescaling {
  __m256i left;
  __m256i right;
  __m256i too_much; /* in the high half, of negative values */
  __m256i even_multiplier, odd_multiplier;
  __m256i even_half, odd_half;
} mote_rescaling;

/* For values that are shifted to the left by `raise` beforehand. */
MOTE_VECTOR mote_rescaling mote_rescaling_of(__m256i multiplier, __m256i shift, int32_t raise) {
  const __m256i zero = _mm256_setzero_si256(), one = _mm256_set1_epi32(1);
  const __m256i half_of_product = _mm256_set1_epi64x(INT64_C(1) << 31);
  mote_rescaling r;
  r.left = _mm256_add_epi32(_mm256_max_epi32(shift, zero), _mm256_set1_epi32(raise));
  r.right = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
  r.even_multiplier = _mm256_slli_epi32(multiplier, 1);
  r.odd_multiplier = _mm256_srli_epi64(r.even_multiplier, 32);
  r.too_much = _mm256_sub_epi32(r.even_multiplier, _mm256_srai_epi32(shift, 31));
  /* a shift by -1 gives 0 */
  const __m256i half = _mm256_sllv_epi32(one, _mm256_sub_epi32(r.right, one));
  r.even_half = _mm256_or_si256(half_of_product, _mm256_slli_epi64(half, 32));
  r.odd_half = _mm256_blend_epi32(half_of_product, half, 0xAA);
  return r;
}

/* mote_requantize_s32; multiplier >= 0, and what its two steps begin with stays below 2^31:
 * |value| * 2^(raise + max(shift, 0)), and |h| + 2^(right - 1). */
MOTE_VECTOR __m256i mote_rescale(__m256i value, const mote_rescaling* r) {
  const __m256i raised = _mm256_sllv_epi32(value, r->left);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epu32(raised, r->even_multiplier), r->even_half);
  const __m256i odd = _mm256_add_epi64(
      _mm256_mul_epu32(_mm256_srli_epi64(raised, 32), r->odd_multiplier), r->odd_half);
  const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
  const __m256i too_much = _mm256_and_si256(_mm256_srai_epi32(value, 31), r->too_much);
  return _mm256_srav_epi32(_mm256_sub_epi32(high, too_much), r->right);
}

/* ---- 64-bit sums ---- */

/* Those of the even lanes and those of the odd ones. */
typedef struct mote_wide {
  __m256i even, odd;
} mote_wide;

/* Eight, the even lanes' first. */
MOTE_VECTOR mote_wide mote_wide_load(const int64_t* from) {
  const __m256i* vectors = (const __m256i*)(const void*)from;
  const mote_wide result = {_mm256_loadu_si256(vectors), _mm256_loadu_si256(vectors + 1)};
  return result;
}

/* sums + values * multiplier. */
MOTE_VECTOR mote_wide mote_wide_add(mote_wide sums, __m256i values, __m256i multiplier) {
  const __m256i odd =
      _mm256_mul_epi32(_mm256_srli_epi64(values, 32), _mm256_srli_epi64(multiplier, 32));
  const mote_wide result = {_mm256_add_epi64(sums.even, _mm256_mul_epi32(values, multiplier)),
                            _mm256_add_epi64(sums.odd, odd)};
  return result;
}

/* floor(sum / 2^shift), 0 < shift < 64, of which 32 bits remain. The processor shifts in zeros:
 * sums are raised by 2^63 before, the results lowered by as much. */
MOTE_VECTOR __m256i mote_wide_shift_right(mote_wide sums, __m256i shift) {
  const __m256i sign = _mm256_set1_epi64x(INT64_MIN);
  const __m256i even_shift = _mm256_and_si256(shift, _mm256_set1_epi64x(0xFF));
  const __m256i even = _mm256_srlv_epi64(_mm256_xor_si256(sums.even, sign), even_shift);
  const __m256i odd =
      _mm256_srlv_epi64(_mm256_xor_si256(sums.odd, sign), _mm256_srli_epi64(shift, 32));
  const __m256i both = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  const __m256i raised =
      _mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_sub_epi32(_mm256_set1_epi32(63), shift));
  return _mm256_sub_epi32(both, raised);
}

/* ---- outputs ---- */

/* clamp(value + zero_point, min, max) as int8, of four vectors one after another. */
MOTE_VECTOR __m256i mote_narrow_s8(const __m256i values[4], int32_t zero_point, int32_t min,
                                   int32_t max) {
  const __m256i zero_points = _mm256_set1_epi16((int16_t)zero_point);
  const __m256i first = _mm256_packs_epi32(values[0], values[1]);
  const __m256i last = _mm256_packs_epi32(values[2], values[3]);
  const __m256i bytes = _mm256_packs_epi16(_mm256_adds_epi16(first, zero_points),
                                           _mm256_adds_epi16(last, zero_points));
  const __m256i raised = _mm256_max_epi8(bytes, _mm256_set1_epi8((int8_t)min));
  const __m256i limited = _mm256_min_epi8(raised, _mm256_set1_epi8((int8_t)max));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); /* packing goes by halves */
  return _mm256_permutevar8x32_epi32(limited, order);
}

/* clamp(value, min, max) as int16, of two vectors one after the other. */
MOTE_VECTOR __m256i mote_narrow_s16(const __m256i values[2], int32_t min, int32_t max) {
  const __m256i words = _mm256_packs_epi32(values[0], values[1]);
  const __m256i raised = _mm256_max_epi16(words, _mm256_set1_epi16((int16_t)min));
  const __m256i limited = _mm256_min_epi16(raised, _mm256_set1_epi16((int16_t)max));
  return _mm256_permute4x64_epi64(limited, 0xD8);
}

#endif
