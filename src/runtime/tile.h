/* A tile: sums of products for a few neighbouring pixels and one or two blocks of output channels,
 * rescaled to int8. One header per instruction set computes it (tile_avx2.h, tile_avx512.h), and
 * tiled_s8.h walks over a layer. Weights are packed on the host, by ops/tiling.h, in the order in
 * which a tile reads them: [block][row of the window][tap][step][channel][element of the step],
 * where a step is as many input elements as one instruction multiplies and adds. */
#ifndef MOTE_RUNTIME_TILE_H
#define MOTE_RUNTIME_TILE_H

#include <stdint.h>

enum {
  MOTE_AVX2_TILE_CHANNELS = 8,    /* output channels of a block */
  MOTE_AVX2_TILE_STEP = 2,        /* int16 elements: 8-bit products would saturate */
  MOTE_AVX512_TILE_CHANNELS = 16, /* VNNI: unsigned times signed bytes, in fours */
  MOTE_AVX512_TILE_STEP = 4,
  MOTE_AVX512_TILE_OFFSET = 128 /* what makes an int8 input unsigned */
};

/* All distances in elements of the input's or the weights' type. */
typedef struct mote_tile {
  int32_t window_rows;
  int32_t row_distance; /* from a row of the window to the next */
  int32_t taps;         /* runs of consecutive input elements in a row of the window */
  int32_t tap_distance;
  int32_t steps;          /* of one tap */
  int32_t pixel_distance; /* from a pixel's window to the next's */
  int32_t block_weights;
  const void* weights;
  const int32_t* bias; /* these three hold whole blocks of channels */
  const int32_t* multiplier;
  const int8_t* shift;
  int32_t output_zero_point;
  int32_t activation_min;
  int32_t activation_max;
  int32_t channels; /* how many of the blocks' channels there are */
  int32_t output_distance;
} mote_tile;

#endif
