/* mote_requantize_s32 (requantize.h) for 8 values at a time, bit for bit, on processors with AVX2.
 * Tested by requantize_vector_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX2_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX2_H

#include <immintrin.h>
#include <stdint.h>

/* Whatever uses these functions is compiled for the same processor. */
#define MOTE_AVX2 __attribute__((target("avx2")))

/* multiplier >= 0: no product saturates. */
static inline MOTE_AVX2 __m256i mote_requantize_avx2(__m256i value, __m256i multiplier,
                                                     __m256i shift) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i left = _mm256_max_epi32(shift, zero);
  const __m256i right = _mm256_max_epi32(_mm256_sub_epi32(zero, shift), zero);
  const __m256i raised = _mm256_sllv_epi32(value, left);

  /* bits 31..62 of each product, even and odd lanes apart */
  const __m256i half = _mm256_set1_epi64x(INT64_C(1) << 30);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(raised, multiplier), half);
  const __m256i odd = _mm256_add_epi64(
      _mm256_mul_epi32(_mm256_srli_epi64(raised, 32), _mm256_srli_epi64(multiplier, 32)), half);
  const __m256i high =
      _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xAA);

  const __m256i one = _mm256_set1_epi32(1);
  const __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, right), one);
  const __m256i threshold =
      _mm256_add_epi32(_mm256_srli_epi32(mask, 1), _mm256_srli_epi32(high, 31));
  const __m256i up = _mm256_cmpgt_epi32(_mm256_and_si256(high, mask), threshold);
  return _mm256_sub_epi32(_mm256_srav_epi32(high, right), up);
}

/* value * 2^shift modulo 2^32, as mote_shift_left_s32. */
static inline MOTE_AVX2 __m256i mote_shift_left_avx2(__m256i value, int32_t shift) {
  return _mm256_sllv_epi32(value, _mm256_set1_epi32(shift));
}

/* clamp(value + zero_point, min, max) as int8, in the low half. */
static inline MOTE_AVX2 __m128i mote_narrow_avx2(__m256i value, int32_t zero_point, int32_t min,
                                                 int32_t max) {
  const __m256i shifted = _mm256_add_epi32(value, _mm256_set1_epi32(zero_point));
  const __m256i raised = _mm256_max_epi32(shifted, _mm256_set1_epi32(min));
  const __m256i limited = _mm256_min_epi32(raised, _mm256_set1_epi32(max));
  const __m128i words =
      _mm_packs_epi32(_mm256_castsi256_si128(limited), _mm256_extracti128_si256(limited, 1));
  return _mm_packs_epi16(words, words);
}

#endif
