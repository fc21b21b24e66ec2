/* The tile of tile.h with AVX2: 16-bit differences from the zero point, multiplied and added in
 * pairs. Tested by the kernels that use it, tests/differential/variants_test.cc. */
#ifndef MOTE_RUNTIME_TILE_AVX2_H
#define MOTE_RUNTIME_TILE_AVX2_H

#include "runtime/lanes_avx2.h"
#include "runtime/tile.h"

#define MOTE_TILE static inline __attribute__((always_inline)) MOTE_AVX2
enum { MOTE_TILE_CHANNELS = MOTE_AVX2_TILE_CHANNELS, MOTE_TILE_STEP = MOTE_AVX2_TILE_STEP };
enum { MOTE_TILE_PIXELS = 4 };
typedef int16_t mote_tile_input;
typedef int16_t mote_tile_weight;

/* The input element of an int8 value. */
MOTE_TILE mote_tile_input mote_tile_element(int32_t value, int32_t zero_point) {
  return (mote_tile_input)(value - zero_point);
}

MOTE_TILE __m256i mote_tile_load(const void* from) {
  return _mm256_loadu_si256((const __m256i*)from);
}

MOTE_TILE __m256i mote_tile_broadcast(const mote_tile_input* step) {
  int32_t bits;
  __builtin_memcpy(&bits, step, sizeof bits);
  return _mm256_set1_epi32(bits);
}

/* `pixels` and `blocks` are constants where this is called, so that the sums stay in registers. */
MOTE_TILE void mote_tile_compute(const mote_tile* t, const mote_tile_input* input, int8_t* output,
                                 int32_t pixels, int32_t blocks) {
  __m256i sums[2][MOTE_TILE_PIXELS];
  for (int32_t b = 0; b < blocks; b++)
    for (int32_t p = 0; p < pixels; p++)
      sums[b][p] = mote_tile_load(t->bias + b * MOTE_TILE_CHANNELS);

  const mote_tile_weight* weights = t->weights;
  for (int32_t row = 0; row < t->window_rows; row++)
    for (int32_t tap = 0; tap < t->taps; tap++) {
      const mote_tile_input* x = input + row * t->row_distance + tap * t->tap_distance;
      for (int32_t step = 0; step < t->steps; step++, x += MOTE_TILE_STEP) {
        __m256i w[2];
        for (int32_t b = 0; b < blocks; b++) w[b] = mote_tile_load(weights + b * t->block_weights);
        for (int32_t p = 0; p < pixels; p++) {
          const __m256i inputs = mote_tile_broadcast(x + p * t->pixel_distance);
          for (int32_t b = 0; b < blocks; b++)
            sums[b][p] = _mm256_add_epi32(sums[b][p], _mm256_madd_epi16(inputs, w[b]));
        }
        weights += MOTE_TILE_CHANNELS * MOTE_TILE_STEP;
      }
    }

  for (int32_t b = 0; b < blocks; b++) {
    const int32_t first = b * MOTE_TILE_CHANNELS;
    const __m256i multiplier = mote_tile_load(t->multiplier + first);
    const __m256i shift = mote_load_s8_avx2(t->shift + first, MOTE_TILE_CHANNELS);
    for (int32_t p = 0; p < pixels; p++)
      mote_store_s8_avx2(
          output + p * t->output_distance + first, t->channels - first,
          mote_narrow_avx2(mote_requantize_avx2(sums[b][p], multiplier, shift),
                           t->output_zero_point, t->activation_min, t->activation_max));
  }
}

#endif
