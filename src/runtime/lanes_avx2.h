/* Vectors of 8 lanes with AVX2: to and from memory, and products. The names are those of
 * lanes_avx512.h. Tested by the kernels that use them, tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_LANES_AVX2_H
#define MOTE_RUNTIME_LANES_AVX2_H

#include "runtime/arithmetic/requantize_avx2.h"
#include "runtime/tile.h"

/* How many vectors of sums stay in registers. */
enum { MOTE_SUMS = 8 };

/* ---- to and from memory: whole vectors, and the first `count` lanes of one ---- */

MOTE_VECTOR __m256i mote_zero(void) {
  return _mm256_setzero_si256();
}

MOTE_VECTOR __m256i mote_load(const void* from) {
  return _mm256_loadu_si256((const __m256i*)from);
}

MOTE_VECTOR void mote_store(void* to, __m256i values) {
  _mm256_storeu_si256((__m256i*)to, values);
}

/* Four bytes, in every lane. */
MOTE_VECTOR __m256i mote_broadcast(const void* from) {
  int32_t bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return _mm256_set1_epi32(bits);
}

/* Lanes beyond are 0. */
MOTE_VECTOR __m256i mote_load_s8(const int8_t* from, int32_t count) {
  if (count >= MOTE_LANES)
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)(const void*)from));
  int8_t lanes[MOTE_LANES] = {0};
  for (int32_t i = 0; i < count; i++) lanes[i] = from[i];
  return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)(const void*)lanes));
}

MOTE_VECTOR __m256i mote_load_s16(const int16_t* from, int32_t count) {
  if (count >= MOTE_LANES)
    return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i*)(const void*)from));
  int16_t lanes[MOTE_LANES] = {0};
  for (int32_t i = 0; i < count; i++) lanes[i] = from[i];
  return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i*)(const void*)lanes));
}

/* Vector `which` of those that mote_narrow_s8 has put one after another. */
MOTE_VECTOR void mote_store_s8(int8_t* to, int32_t count, __m256i narrow, int32_t which) {
  const __m128i half =
      which < 2 ? _mm256_castsi256_si128(narrow) : _mm256_extracti128_si256(narrow, 1);
  const __m128i bytes = which % 2 == 0 ? half : _mm_unpackhi_epi64(half, half);
  if (count >= MOTE_LANES) {
    _mm_storel_epi64((__m128i*)(void*)to, bytes);
    return;
  }
  int8_t lanes[MOTE_LANES];
  _mm_storel_epi64((__m128i*)(void*)lanes, bytes);
  for (int32_t i = 0; i < count; i++) to[i] = lanes[i];
}

MOTE_VECTOR void mote_store_s16(int16_t* to, int32_t count, __m256i narrow, int32_t which) {
  const __m128i words =
      which == 0 ? _mm256_castsi256_si128(narrow) : _mm256_extracti128_si256(narrow, 1);
  if (count >= MOTE_LANES) {
    _mm_storeu_si128((__m128i*)(void*)to, words);
    return;
  }
  int16_t lanes[MOTE_LANES];
  _mm_storeu_si128((__m128i*)(void*)lanes, words);
  for (int32_t i = 0; i < count; i++) to[i] = lanes[i];
}

/* ---- sums ---- */

MOTE_VECTOR __m256i mote_add(__m256i a, __m256i b) {
  return _mm256_add_epi32(a, b);
}

MOTE_VECTOR __m256i mote_subtract(__m256i values, int32_t value) {
  return _mm256_sub_epi32(values, _mm256_set1_epi32(value));
}

/* ---- lanes of float32, kept as their bits ---- */

MOTE_VECTOR void mote_store_f32(float* to, int32_t count, __m256i values) {
  if (count >= MOTE_LANES) {
    mote_store(to, values);
    return;
  }
  float lanes[MOTE_LANES];
  mote_store(lanes, values);
  for (int32_t i = 0; i < count; i++) to[i] = lanes[i];
}

MOTE_VECTOR __m256i mote_plus_f32(__m256i a, __m256i b) {
  return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
}

MOTE_VECTOR __m256i mote_times_f32(__m256i a, __m256i b) {
  return _mm256_castps_si256(_mm256_mul_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
}

MOTE_VECTOR __m256i mote_f32_of(__m256i integers) {
  return _mm256_castps_si256(_mm256_cvtepi32_ps(integers));
}

/* As mote_clamp_f32, NaNs included: where operands are equal or one is NaN, the second is taken. */
MOTE_VECTOR __m256i mote_clamp_lanes_f32(__m256i values, float min, float max) {
  const __m256 below = _mm256_min_ps(_mm256_set1_ps(max), _mm256_castsi256_ps(values));
  return _mm256_castps_si256(_mm256_max_ps(_mm256_set1_ps(min), below));
}

/* ---- steps, and sums of their products ---- */

/* In each lane an element of a row and the one `next` behind it. */
MOTE_VECTOR __m256i mote_interleave_s16(const int16_t* row, int32_t next) {
  const __m128i low = _mm_loadu_si128((const __m128i*)(const void*)row);
  const __m128i high = _mm_loadu_si128((const __m128i*)(const void*)(row + next));
  return _mm256_or_si256(_mm256_cvtepu16_epi32(low),
                         _mm256_slli_epi32(_mm256_cvtepu16_epi32(high), 16));
}

/* Sums, and in each lane the products of one step added to it. */
MOTE_VECTOR __m256i mote_dot_s16(__m256i sums, __m256i inputs, __m256i weights) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(inputs, weights));
}

/* int8 is multiplied in 16 bits: products of bytes would saturate in pairs. */
enum { MOTE_STEP_S8 = MOTE_AVX2_STEP_S8 };
typedef int16_t mote_element_s8;
typedef int16_t mote_weight_s8;

MOTE_VECTOR mote_element_s8 mote_element_of_s8(int32_t value, int32_t zero_point) {
  return (mote_element_s8)(value - zero_point);
}

MOTE_VECTOR __m256i mote_interleave_s8(const mote_element_s8* row, int32_t next) {
  return mote_interleave_s16(row, next);
}

MOTE_VECTOR __m256i mote_dot_s8(__m256i sums, __m256i inputs, __m256i weights) {
  return mote_dot_s16(sums, inputs, weights);
}

#endif
