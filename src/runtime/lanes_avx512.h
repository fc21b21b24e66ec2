/* The first lanes of vectors, to and from memory that ends with them: AVX-512, 16 lanes. Tested by
 * the kernels that use it, tests/differential/variants_test.cc. */
#ifndef MOTE_RUNTIME_LANES_AVX512_H
#define MOTE_RUNTIME_LANES_AVX512_H

#include "runtime/arithmetic/requantize_avx512.h"

/* The first `count` lanes of 16, or all of them. */
static inline MOTE_AVX512 __mmask16 mote_first_lanes_avx512(int32_t count) {
  return (__mmask16)(count < 16 ? (1 << count) - 1 : 0xFFFF);
}

/* Lanes beyond are 0. */
static inline MOTE_AVX512 __m512i mote_load_s32_avx512(const int32_t* from, int32_t count) {
  return _mm512_maskz_loadu_epi32(mote_first_lanes_avx512(count), from);
}

static inline MOTE_AVX512 __m512i mote_load_s8_avx512(const int8_t* from, int32_t count) {
  return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mote_first_lanes_avx512(count), from));
}

static inline MOTE_AVX512 void mote_store_s8_avx512(int8_t* to, int32_t count, __m128i values) {
  _mm_mask_storeu_epi8(to, mote_first_lanes_avx512(count), values);
}

#endif
