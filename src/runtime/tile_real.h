/* How a tile of a layer of float32 outputs begins and ends (tiled.h): sums start at 0; where they
 * are of integers they are scaled, then comes the bias, then the clamp, rounded after each as in
 * the reference kernels. Operands: runtime/weighted.h; constants are packed by ops/tiled/tiling.h.
 * Included after lanes_f32.h or lanes_f32s8.h. */
#ifndef MOTE_RUNTIME_TILE_REAL_H
#define MOTE_RUNTIME_TILE_REAL_H

#include "runtime/tile.h"

enum { MOTE_OUTPUT_OPERAND = MOTE_SUMS_ARE_REAL ? MOTE_F32_OUTPUT : MOTE_F32S8_OUTPUT };

/* The constants of the channels from some block on. */
typedef struct mote_tile_constants {
  const float* bias;
  const float* weight_scale; /* of sums of integers */
} mote_tile_constants;

MOTE_VECTOR mote_tile_constants mote_tile_constants_of(const mote_operand* operands) {
  const float* bias = operands[MOTE_BIAS].constant;
  return (mote_tile_constants){
      bias, MOTE_SUMS_ARE_REAL ? bias : operands[MOTE_F32S8_WEIGHT_SCALE].constant};
}

MOTE_VECTOR mote_tile_constants mote_tile_constants_from(const mote_tile_constants* c, int wide,
                                                         int32_t channels) {
  (void)wide;
  return (mote_tile_constants){c->bias + channels, c->weight_scale + channels};
}

/* What an image's inputs were quantized by. */
typedef struct mote_tile_image {
  int32_t zero_point;
  float scale;
} mote_tile_image;

MOTE_VECTOR mote_tile_image mote_tile_image_of(const mote_tiled_params* p,
                                               const mote_operand* operands, int32_t image) {
  (void)p;
  if (MOTE_SUMS_ARE_REAL) return (mote_tile_image){0, 1.0f};
  return (mote_tile_image){
      *(const int32_t*)mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, 0),
      *(const float*)mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, 0)};
}

MOTE_VECTOR void mote_tile_begin(const mote_tile_constants* c, mote_lanes* sums, mote_wide* wide,
                                 int is_wide, int32_t pixels, int32_t blocks) {
  (void)c, (void)wide, (void)is_wide;
  MOTE_UNROLL for (int32_t i = 0; i < pixels * blocks; i++) sums[i] = mote_zero();
}

MOTE_VECTOR void mote_tile_widen(const mote_tile_constants* c, mote_lanes* sums, mote_wide* wide,
                                 int32_t pixels, int32_t blocks) {
  (void)c, (void)sums, (void)wide, (void)pixels, (void)blocks; /* no sums are wide */
}

/* `channels` are those that remain from the first block on. */
MOTE_VECTOR void mote_tile_end(const mote_tiled_params* p, const mote_tile_constants* c,
                               const mote_tile_image* image, mote_lanes* sums,
                               const mote_wide* wide, mote_value* output, int32_t channels,
                               int32_t pixels, int32_t blocks) {
  (void)wide;
  MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) {
    const mote_lanes bias = mote_load(c->bias + b * MOTE_LANES);
    const mote_lanes scale =
        mote_times_f32(mote_load(c->weight_scale + b * MOTE_LANES), mote_broadcast(&image->scale));
    MOTE_UNROLL for (int32_t i = 0; i < pixels; i++) {
      mote_lanes value = sums[b * pixels + i];
      if (!MOTE_SUMS_ARE_REAL) value = mote_times_f32(mote_f32_of(value), scale);
      value = mote_clamp_lanes_f32(mote_plus_f32(value, bias), p->real_min, p->real_max);
      mote_store_f32(output + i * p->output_channels + b * MOTE_LANES, channels - b * MOTE_LANES,
                     value);
    }
  }
}

#endif
