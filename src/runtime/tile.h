/* Layers computed in tiles: sums of products for a few neighbouring pixels and a few blocks of
 * output channels, a block being as many as a vector has lanes. tiled.h walks over a layer,
 * ops/tiled/tiling.h packs its constants in the order in which a tile reads them. Weights:
 * [block][row of the window][tap][step][channel][element of the step], where a step is as many
 * input elements as one instruction multiplies and adds. */
#ifndef MOTE_RUNTIME_TILE_H
#define MOTE_RUNTIME_TILE_H

#include "runtime/operand.h"
#include "runtime/weighted.h"

/* Loops whose bounds are constants only after inlining. Under clang's sanitizers they stay loops:
 * unrolled, a file would take minutes to compile. */
#if defined(__clang__)
#if __has_feature(address_sanitizer)
#define MOTE_UNROLL
#else
#define MOTE_UNROLL _Pragma("clang loop unroll(full)")
#endif
#else
#define MOTE_UNROLL _Pragma("GCC unroll 16")
#endif

enum {
  MOTE_AVX2_STEP_S8 = 2,       /* of int16 elements, as all steps of int16 activations */
  MOTE_AVX512_STEP_S8 = 4,     /* of bytes */
  MOTE_AVX512_OFFSET_S8 = 128, /* what makes an int8 input unsigned */
  MOTE_STEP_S16 = 2,
  /* so many steps of int16 times int8 fit in 32 bits: 255 * 2 * 2^15 * 2^7 < 2^31 */
  MOTE_SECTION_STEPS = 255
};

/* A layer. Rows of the input are padded into a scratch, a strip for several rows of outputs; of its
 * pixels, each `pixel_elements` wide, every output pixel reads `window_height` rows of `taps` runs
 * of `steps`. Depthwise, a padded pixel holds a step for each output channel: its own input under
 * neighbouring columns of the window. wide: sums of 64 bits. real_min, real_max: the clamp of
 * float32 outputs. */
#define MOTE_FIELDS_OF_tiled(FIELD) \
  FIELD(int32_t, batch)             \
  FIELD(int32_t, input_height)      \
  FIELD(int32_t, input_width)       \
  FIELD(int32_t, input_channels)    \
  FIELD(int32_t, input_zero_point)  \
  FIELD(int32_t, depth_multiplier)  \
  FIELD(int32_t, padding_top)       \
  FIELD(int32_t, padding_left)      \
  FIELD(int32_t, strip_rows)        \
  FIELD(int32_t, padded_pixels)     \
  FIELD(int32_t, pixel_elements)    \
  FIELD(int32_t, stride_height)     \
  FIELD(int32_t, stride_width)      \
  FIELD(int32_t, dilation_height)   \
  FIELD(int32_t, dilation_width)    \
  FIELD(int32_t, window_height)     \
  FIELD(int32_t, taps)              \
  FIELD(int32_t, tap_pixels)        \
  FIELD(int32_t, steps)             \
  FIELD(int32_t, group_inputs)      \
  FIELD(int32_t, group_outputs)     \
  FIELD(int32_t, output_width)      \
  FIELD(int32_t, output_channels)   \
  FIELD(int32_t, output_zero_point) \
  FIELD(int32_t, activation_min)    \
  FIELD(int32_t, activation_max)    \
  FIELD(int32_t, wide)              \
  FIELD(float, real_min)            \
  FIELD(float, real_max)

typedef struct mote_tiled_params {
  MOTE_FIELDS_OF_tiled(MOTE_PARAM_FIELD)
} mote_tiled_params;

/* Rows of padded input under `rows` rows of outputs. */
static inline int32_t mote_tiled_padded_rows(const mote_tiled_params* p, int32_t rows) {
  return (rows - 1) * p->stride_height + (p->window_height - 1) * p->dilation_height + 1;
}

#endif
