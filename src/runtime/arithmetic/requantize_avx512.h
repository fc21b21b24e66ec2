/* The rescalings of requantize.h for 16 values at a time, bit for bit, on processors with AVX-512.
 * The names, and why they are right, are those of requantize_avx2.h: a file includes one of the
 * two. Tested by requantize_vector_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX512_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define MOTE_AVX512_TARGET "avx512f,avx512bw,avx512vl,avx512vnni"
#define MOTE_TARGET __attribute__((target(MOTE_AVX512_TARGET)))
#define MOTE_VECTOR static inline __attribute__((always_inline, target(MOTE_AVX512_TARGET)))

enum { MOTE_LANES = 16 };
typedef __m512i mote_lanes; /* of int32 */

/* Odd lanes in the place of even ones. */
MOTE_VECTOR __m512i mote_odd_lanes(__m512i values) {
  return _mm512_shuffle_epi32(values, _MM_PERM_DDBB);
}

/* ---- 32-bit sums ---- */

typedef struct mote_rescaling {
  __m512i left;
  __m512i right;
  __m512i too_much; /* in the high half, of negative values */
  __m512i even_multiplier, odd_multiplier;
  __m512i even_half, odd_half;
} mote_rescaling;

/* For values that are shifted to the left by `raise` beforehand. */
MOTE_VECTOR mote_rescaling mote_rescaling_of(__m512i multiplier, __m512i shift, int32_t raise) {
  const __m512i zero = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
  const __m512i half_of_product = _mm512_set1_epi64(INT64_C(1) << 31);
  mote_rescaling r;
  r.left = _mm512_add_epi32(_mm512_max_epi32(shift, zero), _mm512_set1_epi32(raise));
  r.right = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  r.even_multiplier = _mm512_slli_epi32(multiplier, 1);
  r.odd_multiplier = mote_odd_lanes(r.even_multiplier);
  r.too_much = _mm512_sub_epi32(r.even_multiplier, _mm512_srai_epi32(shift, 31));
  /* a shift by -1 gives 0 */
  const __m512i half = _mm512_sllv_epi32(one, _mm512_sub_epi32(r.right, one));
  r.even_half = _mm512_or_si512(half_of_product, _mm512_slli_epi64(half, 32));
  r.odd_half = _mm512_mask_mov_epi32(half_of_product, 0xAAAA, half);
  return r;
}

/* mote_requantize_s32; multiplier >= 0, and what its two steps begin with stays below 2^31:
 * |value| * 2^(raise + max(shift, 0)), and |h| + 2^(right - 1). */
MOTE_VECTOR __m512i mote_rescale(__m512i value, const mote_rescaling* r) {
  const __m512i raised = _mm512_sllv_epi32(value, r->left);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epu32(raised, r->even_multiplier), r->even_half);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epu32(mote_odd_lanes(raised), r->odd_multiplier), r->odd_half);
  const __m512i high = _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
  const __mmask16 negative = _mm512_cmplt_epi32_mask(value, _mm512_setzero_si512());
  const __m512i rest = _mm512_mask_sub_epi32(high, negative, high, r->too_much);
  return _mm512_srav_epi32(rest, r->right);
}

/* ---- 64-bit sums ---- */

/* Those of the even lanes and those of the odd ones. */
typedef struct mote_wide {
  __m512i even, odd;
} mote_wide;

/* Sixteen, the even lanes' first. */
MOTE_VECTOR mote_wide mote_wide_load(const int64_t* from) {
  const mote_wide result = {_mm512_loadu_si512(from), _mm512_loadu_si512(from + 8)};
  return result;
}

/* sums + values * multiplier. */
MOTE_VECTOR mote_wide mote_wide_add(mote_wide sums, __m512i values, __m512i multiplier) {
  const __m512i odd = _mm512_mul_epi32(mote_odd_lanes(values), mote_odd_lanes(multiplier));
  const mote_wide result = {_mm512_add_epi64(sums.even, _mm512_mul_epi32(values, multiplier)),
                            _mm512_add_epi64(sums.odd, odd)};
  return result;
}

/* floor(sum / 2^shift), 0 < shift < 64, of which 32 bits remain. */
MOTE_VECTOR __m512i mote_wide_shift_right(mote_wide sums, __m512i shift) {
  const __m512i even =
      _mm512_srav_epi64(sums.even, _mm512_and_si512(shift, _mm512_set1_epi64(0xFF)));
  const __m512i odd = _mm512_srav_epi64(sums.odd, _mm512_srli_epi64(shift, 32));
  return _mm512_mask_shuffle_epi32(even, 0xAAAA, odd, _MM_PERM_CCAA);
}

/* ---- outputs ---- */

/* clamp(value + zero_point, min, max) as int8, of four vectors one after another. */
MOTE_VECTOR __m512i mote_narrow_s8(const __m512i values[4], int32_t zero_point, int32_t min,
                                   int32_t max) {
  const __m512i zero_points = _mm512_set1_epi16((int16_t)zero_point);
  const __m512i first = _mm512_packs_epi32(values[0], values[1]);
  const __m512i last = _mm512_packs_epi32(values[2], values[3]);
  const __m512i bytes = _mm512_packs_epi16(_mm512_adds_epi16(first, zero_points),
                                           _mm512_adds_epi16(last, zero_points));
  const __m512i raised = _mm512_max_epi8(bytes, _mm512_set1_epi8((int8_t)min));
  const __m512i limited = _mm512_min_epi8(raised, _mm512_set1_epi8((int8_t)max));
  /* packing goes by quarters */
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_permutexvar_epi32(order, limited);
}

/* clamp(value, min, max) as int16, of two vectors one after the other. */
MOTE_VECTOR __m512i mote_narrow_s16(const __m512i values[2], int32_t min, int32_t max) {
  const __m512i words = _mm512_packs_epi32(values[0], values[1]);
  const __m512i raised = _mm512_max_epi16(words, _mm512_set1_epi16((int16_t)min));
  const __m512i limited = _mm512_min_epi16(raised, _mm512_set1_epi16((int16_t)max));
  return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), limited);
}

#endif
