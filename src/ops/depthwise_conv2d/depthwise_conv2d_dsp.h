/* The scratch of the kernels by pairs: read by them and by the host, which reserves it. */
#ifndef MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_DSP_H
#define MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_DSP_H

#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"

/* Of depthwise_conv2d_s8_dsp: a pointer to each tap, the biases, and a pixel of the zero point. */
static inline int32_t mote_depthwise_conv2d_dsp_scratch_bytes(
    const mote_depthwise_conv2d_s8_params* p) {
  return p->window_height * p->window_width * (int32_t)sizeof(void*) +
         p->input_channels * p->depth_multiplier * (int32_t)sizeof(int32_t) + p->input_channels;
}

/* How depthwise_conv2d_s8_planes widens rows: of four channels at a time, each a plane. */
typedef struct mote_depthwise_planes_shape {
  int32_t row;        /* int16 in a row of a plane, an even number */
  int32_t plane;      /* in all rows */
  int32_t rows;       /* of the output, made of rows that are widened once */
  int32_t input_rows; /* under those */
} mote_depthwise_planes_shape;

/* About so many bytes, where one row of the output does not need more. */
enum { MOTE_DEPTHWISE_PLANES_BYTES = 2048 };

static inline mote_depthwise_planes_shape mote_depthwise_planes_shape_of(
    const mote_depthwise_conv2d_s8_params* p) {
  mote_depthwise_planes_shape s;
  s.row = ((p->output_width - 1) * p->stride_width + p->window_width + 1) & ~1;
  const int32_t window = (p->window_height - 1) * p->dilation_height + 1;
  const int32_t most = MOTE_DEPTHWISE_PLANES_BYTES / (4 * 2 * s.row);
  s.rows = most <= window ? 1 : (most - window) / p->stride_height + 1;
  s.input_rows = (s.rows - 1) * p->stride_height + window;
  s.plane = s.input_rows * s.row;
  return s;
}

/* Its scratch: the planes, what is read beyond them for pixels that there are not, and two pairs of
 * weights for each row of the window. */
static inline int32_t mote_depthwise_planes_scratch_bytes(
    const mote_depthwise_conv2d_s8_params* p) {
  const int32_t beyond = 4 * p->stride_width;
  return 2 * (4 * mote_depthwise_planes_shape_of(p).plane + beyond) + 8 * p->window_height;
}

#endif
