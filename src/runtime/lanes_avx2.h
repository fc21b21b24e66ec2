/* The first lanes of vectors, to and from memory that ends with them: AVX2, 8 lanes. Tested by the
 * kernels that use it, tests/differential/variants_test.cc. */
#ifndef MOTE_RUNTIME_LANES_AVX2_H
#define MOTE_RUNTIME_LANES_AVX2_H

#include "runtime/arithmetic/requantize_avx2.h"

/* Lanes beyond are 0. */
static inline MOTE_AVX2 __m256i mote_load_s32_avx2(const int32_t* from, int32_t count) {
  int32_t lanes[8] = {0};
  for (int32_t i = 0; i < 8 && i < count; i++) lanes[i] = from[i];
  return _mm256_loadu_si256((const __m256i*)(const void*)lanes);
}

static inline MOTE_AVX2 __m256i mote_load_s8_avx2(const int8_t* from, int32_t count) {
  if (count >= 8) return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)(const void*)from));
  int8_t lanes[8] = {0};
  for (int32_t i = 0; i < count; i++) lanes[i] = from[i];
  return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)(const void*)lanes));
}

static inline MOTE_AVX2 void mote_store_s8_avx2(int8_t* to, int32_t count, __m128i values) {
  if (count >= 8) {
    _mm_storel_epi64((__m128i*)(void*)to, values);
    return;
  }
  int8_t lanes[8];
  _mm_storel_epi64((__m128i*)(void*)lanes, values);
  for (int32_t i = 0; i < count; i++) to[i] = lanes[i];
}

#endif
