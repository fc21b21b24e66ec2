/* How a tile of an integer layer begins and ends (tiled.h): sums start with the bias and are
 * rescaled to the output. Operands: runtime/weighted.h; constants are packed by ops/tiled/tiling.h.
 * Included after lanes_s8.h or lanes_s16.h. */
#ifndef MOTE_RUNTIME_TILE_INTEGER_H
#define MOTE_RUNTIME_TILE_INTEGER_H

#include "runtime/tile.h"

enum { MOTE_OUTPUT_OPERAND = MOTE_INTEGER_OUTPUT };

/* The constants of the channels from some block on. */
typedef struct mote_tile_constants {
  const void* bias; /* int32, or int64 of wide sums, multiplied and a half added */
  const int32_t* multiplier;
  const int8_t* shift; /* of wide sums: to the right */
} mote_tile_constants;

MOTE_VECTOR mote_tile_constants mote_tile_constants_of(const mote_operand* operands) {
  return (mote_tile_constants){operands[MOTE_BIAS].constant,
                               operands[MOTE_INTEGER_MULTIPLIER].constant,
                               operands[MOTE_INTEGER_SHIFT].constant};
}

MOTE_VECTOR mote_tile_constants mote_tile_constants_from(const mote_tile_constants* c, int wide,
                                                         int32_t channels) {
  const uint8_t* bias = (const uint8_t*)c->bias + channels * (wide ? 8 : 4);
  return (mote_tile_constants){bias, c->multiplier + channels, c->shift + channels};
}

/* What an image's inputs are quantized by: here as all images'. */
typedef struct mote_tile_image {
  int32_t zero_point;
} mote_tile_image;

MOTE_VECTOR mote_tile_image mote_tile_image_of(const mote_tiled_params* p,
                                               const mote_operand* operands, int32_t image) {
  (void)operands, (void)image;
  return (mote_tile_image){p->input_zero_point};
}

/* The sums before the first product: the bias, in the wide ones where there are any. */
MOTE_VECTOR void mote_tile_begin(const mote_tile_constants* c, mote_lanes* sums, mote_wide* wide,
                                 int is_wide, int32_t pixels, int32_t blocks) {
  static const int64_t nothing[MOTE_LANES];
  MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) {
    const int32_t* bias = (const int32_t*)c->bias + b * MOTE_LANES;
    const int64_t* wide_bias = (const int64_t*)c->bias + b * MOTE_LANES;
    const mote_lanes first = mote_load(is_wide ? (const int32_t*)nothing : bias);
    const mote_wide wide_first = mote_wide_load(is_wide ? wide_bias : nothing);
    MOTE_UNROLL for (int32_t i = b * pixels; i < (b + 1) * pixels; i++) {
      sums[i] = first;
      wide[i] = wide_first;
    }
  }
}

/* Moves the sums of a section into the wide ones. */
MOTE_VECTOR void mote_tile_widen(const mote_tile_constants* c, mote_lanes* sums, mote_wide* wide,
                                 int32_t pixels, int32_t blocks) {
  MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) {
    const mote_lanes multiplier = mote_load(c->multiplier + b * MOTE_LANES);
    MOTE_UNROLL for (int32_t i = b * pixels; i < (b + 1) * pixels; i++) {
      wide[i] = mote_wide_add(wide[i], sums[i], multiplier);
      sums[i] = mote_zero();
    }
  }
}

/* Writes the pixels of one block, rescaled before. */
MOTE_VECTOR void mote_tile_write(const mote_tiled_params* p, const mote_lanes* values,
                                 int32_t pixels, int32_t channels, mote_value* output) {
  MOTE_UNROLL for (int32_t i = 0; i < pixels; i += MOTE_NARROWED) {
    mote_lanes some[MOTE_NARROWED];
    MOTE_UNROLL for (int32_t j = 0; j < MOTE_NARROWED; j++) some[j] =
        values[i + j < pixels ? i + j : i];
    const mote_lanes narrow =
        mote_narrow(some, p->output_zero_point, p->activation_min, p->activation_max);
    MOTE_UNROLL for (int32_t j = 0; j < MOTE_NARROWED; j++) if (i + j < pixels)
        mote_store_values(output + (i + j) * p->output_channels, channels, narrow, j);
  }
}

/* `channels` are those that remain from the first block on. */
MOTE_VECTOR void mote_tile_end(const mote_tiled_params* p, const mote_tile_constants* c,
                               const mote_tile_image* image, mote_lanes* sums,
                               const mote_wide* wide, mote_value* output, int32_t channels,
                               int32_t pixels, int32_t blocks) {
  (void)image;
  MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) {
    const mote_lanes shift = mote_load_s8(c->shift + b * MOTE_LANES, MOTE_LANES);
    mote_lanes* values = sums + b * pixels;
    if (MOTE_SUMS_MAY_BE_WIDE && p->wide) {
      MOTE_UNROLL for (int32_t i = 0; i < pixels; i++) values[i] =
          mote_wide_shift_right(wide[b * pixels + i], shift);
    } else {
      const mote_lanes multiplier = mote_load(c->multiplier + b * MOTE_LANES);
      const mote_rescaling rescaling = mote_rescaling_of(multiplier, shift, 0);
      MOTE_UNROLL for (int32_t i = 0; i < pixels; i++) values[i] =
          mote_rescale(values[i], &rescaling);
    }
    mote_tile_write(p, values, pixels, channels - b * MOTE_LANES, output + b * MOTE_LANES);
  }
}

#endif
