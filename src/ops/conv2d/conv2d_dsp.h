/* How conv2d_s8_dsp goes through a layer, and the scratch that it takes: read by the kernel and by
 * the host, which reserves it. */
#ifndef MOTE_OPS_CONV2D_CONV2D_DSP_H
#define MOTE_OPS_CONV2D_CONV2D_DSP_H

#include "ops/conv2d/conv2d_kernels.h"

typedef struct mote_conv2d_dsp_shape {
  int32_t columns;      /* of the input, padding included, that windows read */
  int32_t row_elements; /* of int16 in a widened row */
  int32_t run;          /* weights side by side that meet neighbours in a widened row */
  int32_t runs;         /* of a channel */
  int32_t runs_per_row; /* of the window */
  int32_t run_step;     /* from one to the next, in elements of a widened row */
  int32_t row_step;     /* from a row of the window to the next, in elements */
} mote_conv2d_dsp_shape;

static inline mote_conv2d_dsp_shape mote_conv2d_dsp_shape_of(const mote_conv2d_s8_dsp_params* p) {
  mote_conv2d_dsp_shape s;
  s.columns =
      (p->output_width - 1) * p->stride_width + (p->window_width - 1) * p->dilation_width + 1;
  s.row_elements = (s.columns * p->input_channels + 1) & ~1;
  const int joined = p->dilation_width == 1 && p->group_inputs == p->input_channels;
  s.run = joined ? p->window_width * p->group_inputs : p->group_inputs;
  s.runs_per_row = joined ? 1 : p->window_width;
  s.runs = s.runs_per_row * p->window_height;
  s.run_step = p->dilation_width * p->input_channels;
  s.row_step = p->dilation_height * s.row_elements;
  return s;
}

/* Of the weights of two channels. */
static inline int32_t mote_conv2d_dsp_pairs(const mote_conv2d_dsp_shape* s) {
  return 4 * s->runs * ((s->run + 3) / 4);
}

/* Those, where runs begin, the widened rows, and what is read beyond them: the rest of a run's last
 * four, and of one pixel, since a single one is taken for two. */
static inline int32_t mote_conv2d_dsp_scratch_bytes(const mote_conv2d_s8_dsp_params* p) {
  const mote_conv2d_dsp_shape s = mote_conv2d_dsp_shape_of(p);
  const int32_t rows =
      (p->rows - 1) * p->stride_height + (p->window_height - 1) * p->dilation_height + 1;
  const int32_t beyond = 4 + p->stride_width * p->input_channels;
  return 4 * (mote_conv2d_dsp_pairs(&s) + s.runs) + 2 * (rows * s.row_elements + beyond);
}

#endif
