/* mote_requantize_s32 (requantize.h) for 16 values at a time, bit for bit, on processors with
 * AVX-512. Tested by requantize_vector_test.cc. */
#ifndef MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX512_H
#define MOTE_RUNTIME_ARITHMETIC_REQUANTIZE_AVX512_H

#include <immintrin.h>
#include <stdint.h>

/* Whatever uses these functions is compiled for the same processor. */
#define MOTE_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

/* multiplier >= 0: no product saturates. */
static inline MOTE_AVX512 __m512i mote_requantize_avx512(__m512i value, __m512i multiplier,
                                                         __m512i shift) {
  const __m512i zero = _mm512_setzero_si512();
  const __m512i left = _mm512_max_epi32(shift, zero);
  const __m512i right = _mm512_max_epi32(_mm512_sub_epi32(zero, shift), zero);
  const __m512i raised = _mm512_sllv_epi32(value, left);

  /* bits 31..62 of each product, even and odd lanes apart */
  const __m512i half = _mm512_set1_epi64(INT64_C(1) << 30);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(raised, multiplier), half);
  const __m512i odd = _mm512_add_epi64(
      _mm512_mul_epi32(_mm512_srli_epi64(raised, 32), _mm512_srli_epi64(multiplier, 32)), half);
  const __m512i high =
      _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));

  const __m512i one = _mm512_set1_epi32(1);
  const __m512i mask = _mm512_sub_epi32(_mm512_sllv_epi32(one, right), one);
  const __m512i threshold =
      _mm512_add_epi32(_mm512_srli_epi32(mask, 1), _mm512_srli_epi32(high, 31));
  const __mmask16 up = _mm512_cmpgt_epi32_mask(_mm512_and_si512(high, mask), threshold);
  const __m512i down = _mm512_srav_epi32(high, right);
  return _mm512_mask_add_epi32(down, up, down, one);
}

/* value * 2^shift modulo 2^32, as mote_shift_left_s32. */
static inline MOTE_AVX512 __m512i mote_shift_left_avx512(__m512i value, int32_t shift) {
  return _mm512_sllv_epi32(value, _mm512_set1_epi32(shift));
}

/* clamp(value + zero_point, min, max) as int8. */
static inline MOTE_AVX512 __m128i mote_narrow_avx512(__m512i value, int32_t zero_point, int32_t min,
                                                     int32_t max) {
  const __m512i shifted = _mm512_add_epi32(value, _mm512_set1_epi32(zero_point));
  const __m512i raised = _mm512_max_epi32(shifted, _mm512_set1_epi32(min));
  return _mm512_cvtepi32_epi8(_mm512_min_epi32(raised, _mm512_set1_epi32(max)));
}

#endif
