/* Vectors of 16 lanes with AVX-512 VNNI: to and from memory, and products. The names are those of
 * lanes_avx2.h. Tested by the kernels that use them, tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_LANES_AVX512_H
#define MOTE_RUNTIME_LANES_AVX512_H

#include "runtime/arithmetic/requantize_avx512.h"
#include "runtime/tile.h"

/* How many vectors of sums stay in registers. */
enum { MOTE_SUMS = 16 };

/* ---- to and from memory: whole vectors, and the first `count` lanes of one ---- */

MOTE_VECTOR __m512i mote_zero(void) {
  return _mm512_setzero_si512();
}

MOTE_VECTOR __m512i mote_load(const void* from) {
  return _mm512_loadu_si512(from);
}

MOTE_VECTOR void mote_store(void* to, __m512i values) {
  _mm512_storeu_si512(to, values);
}

/* Four bytes, in every lane. */
MOTE_VECTOR __m512i mote_broadcast(const void* from) {
  int32_t bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return _mm512_set1_epi32(bits);
}

MOTE_VECTOR __mmask16 mote_first_lanes(int32_t count) {
  const int32_t lanes = count < 0 ? 0 : count;
  return (__mmask16)(lanes < MOTE_LANES ? (1 << lanes) - 1 : 0xFFFF);
}

/* Lanes beyond are 0. */
MOTE_VECTOR __m512i mote_load_s8(const int8_t* from, int32_t count) {
  return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mote_first_lanes(count), from));
}

MOTE_VECTOR __m512i mote_load_s16(const int16_t* from, int32_t count) {
  return _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(mote_first_lanes(count), from));
}

/* Vector `which` of those that mote_narrow_s8 has put one after another. */
MOTE_VECTOR void mote_store_s8(int8_t* to, int32_t count, __m512i narrow, int32_t which) {
  const __m128i bytes = which == 0   ? _mm512_castsi512_si128(narrow)
                        : which == 1 ? _mm512_extracti32x4_epi32(narrow, 1)
                        : which == 2 ? _mm512_extracti32x4_epi32(narrow, 2)
                                     : _mm512_extracti32x4_epi32(narrow, 3);
  if (count >= MOTE_LANES)
    _mm_storeu_si128((__m128i*)(void*)to, bytes);
  else
    _mm_mask_storeu_epi8(to, mote_first_lanes(count), bytes);
}

MOTE_VECTOR void mote_store_s16(int16_t* to, int32_t count, __m512i narrow, int32_t which) {
  const __m256i words =
      which == 0 ? _mm512_castsi512_si256(narrow) : _mm512_extracti64x4_epi64(narrow, 1);
  if (count >= MOTE_LANES)
    _mm256_storeu_si256((__m256i*)(void*)to, words);
  else
    _mm256_mask_storeu_epi16(to, mote_first_lanes(count), words);
}

/* ---- sums ---- */

MOTE_VECTOR __m512i mote_add(__m512i a, __m512i b) {
  return _mm512_add_epi32(a, b);
}

MOTE_VECTOR __m512i mote_subtract(__m512i values, int32_t value) {
  return _mm512_sub_epi32(values, _mm512_set1_epi32(value));
}

/* ---- lanes of float32, kept as their bits ---- */

MOTE_VECTOR void mote_store_f32(float* to, int32_t count, __m512i values) {
  if (count >= MOTE_LANES)
    mote_store(to, values);
  else
    _mm512_mask_storeu_ps(to, mote_first_lanes(count), _mm512_castsi512_ps(values));
}

MOTE_VECTOR __m512i mote_plus_f32(__m512i a, __m512i b) {
  return _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}

MOTE_VECTOR __m512i mote_times_f32(__m512i a, __m512i b) {
  return _mm512_castps_si512(_mm512_mul_ps(_mm512_castsi512_ps(a), _mm512_castsi512_ps(b)));
}

MOTE_VECTOR __m512i mote_f32_of(__m512i integers) {
  return _mm512_castps_si512(_mm512_cvtepi32_ps(integers));
}

/* As mote_clamp_f32, NaNs included: where operands are equal or one is NaN, the second is taken. */
MOTE_VECTOR __m512i mote_clamp_lanes_f32(__m512i values, float min, float max) {
  const __m512 below = _mm512_min_ps(_mm512_set1_ps(max), _mm512_castsi512_ps(values));
  return _mm512_castps_si512(_mm512_max_ps(_mm512_set1_ps(min), below));
}

/* ---- steps, and sums of their products ---- */

/* In each lane an element of a row and the one `next` behind it. */
MOTE_VECTOR __m512i mote_interleave_s16(const int16_t* row, int32_t next) {
  const __m256i low = _mm256_loadu_si256((const __m256i*)(const void*)row);
  const __m256i high = _mm256_loadu_si256((const __m256i*)(const void*)(row + next));
  return _mm512_or_si512(_mm512_cvtepu16_epi32(low),
                         _mm512_slli_epi32(_mm512_cvtepu16_epi32(high), 16));
}

/* Sums, and in each lane the products of one step added to it. */
MOTE_VECTOR __m512i mote_dot_s16(__m512i sums, __m512i inputs, __m512i weights) {
  return _mm512_dpwssd_epi32(sums, inputs, weights);
}

/* Bytes are multiplied unsigned times signed: 128 more than the input, for which the packed bias
 * makes up. */
enum { MOTE_STEP_S8 = MOTE_AVX512_STEP_S8 };
typedef uint8_t mote_element_s8;
typedef int8_t mote_weight_s8;

MOTE_VECTOR mote_element_s8 mote_element_of_s8(int32_t value, int32_t zero_point) {
  (void)zero_point;
  return (mote_element_s8)(value + MOTE_AVX512_OFFSET_S8);
}

/* In each lane an element of a row and those `next`, twice and three times as far behind it. */
MOTE_VECTOR __m512i mote_interleave_s8(const mote_element_s8* row, int32_t next) {
  __m512i rows = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i*)(const void*)row));
  rows = _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i*)(const void*)(row + next)), 1);
  rows =
      _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i*)(const void*)(row + 2 * next)), 2);
  rows =
      _mm512_inserti32x4(rows, _mm_loadu_si128((const __m128i*)(const void*)(row + 3 * next)), 3);
  /* fours of all rows into one quarter, there by columns */
  const __m512i fours = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m128i column = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_shuffle_epi8(_mm512_permutexvar_epi32(fours, rows), _mm512_broadcast_i32x4(column));
}

MOTE_VECTOR __m512i mote_dot_s8(__m512i sums, __m512i inputs, __m512i weights) {
  sums = _mm512_dpbusd_epi32(sums, inputs, weights);
  __asm__("" : "+v"(sums)); /* g++ 12 would copy the sums to and fro */
  return sums;
}

#endif
