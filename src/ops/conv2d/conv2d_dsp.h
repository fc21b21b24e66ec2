/* How conv2d_s8_dsp and conv2d_s8_sparse_dsp go through a layer, and the scratch that they take:
 * read by the kernels and by the host, which reserves it. */
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

/* Of the input, those under so many of the output. */
static inline int32_t mote_conv2d_dsp_rows(const mote_conv2d_s8_dsp_params* p, int32_t rows) {
  return (rows - 1) * p->stride_height + (p->window_height - 1) * p->dilation_height + 1;
}

/* Whether to decode all tiles of the weights for each step of rows, and not to widen all rows for
 * each tile. An element of a row is widened twice as quickly as a weight is decoded. */
static inline int mote_conv2d_dsp_rows_first(const mote_conv2d_s8_dsp_params* p,
                                             const mote_weights* weights, int32_t row_elements,
                                             int32_t rows) {
  const int32_t tiles = (weights->channels + weights->tile_channels - 1) / weights->tile_channels;
  const int32_t steps = (rows + p->rows - 1) / p->rows * p->batch;
  const int64_t widened = (int64_t)mote_conv2d_dsp_rows(p, p->rows) * row_elements * steps;
  const int64_t decoded = (int64_t)weights->channels * weights->inner * (steps - 1);
  const int32_t decoding = weights->storage == MOTE_STORAGE_RANGE     ? 64
                           : weights->storage == MOTE_STORAGE_HUFFMAN ? 32
                                                                      : 2;
  return widened * (tiles - 1) > decoded * decoding;
}

/* How many rows of the output, of so many, are one line of pixels: all where the window of a row's
 * first pixel lies one `step` behind that of the last one above it, as in most convolutions of 1 x
 * 1, and so does its output. `row_step` is from a row's first window to the next row's. */
static inline int32_t mote_conv2d_dsp_lines(const mote_conv2d_s8_dsp_params* p,
                                            const mote_operand* output, int32_t step,
                                            int32_t row_step, int32_t rows) {
  const int windows = row_step == p->output_width * step;
  const int outputs =
      output->image_rows > 0 && output->row_stride_bytes == p->output_width * p->output_channels;
  return windows && outputs ? rows : 1;
}

/* Of the weights of two channels. */
static inline int32_t mote_conv2d_dsp_pairs(const mote_conv2d_dsp_shape* s) {
  return 4 * s->runs * ((s->run + 3) / 4);
}

/* Those, where runs begin, the widened rows, and what is read beyond them: the rest of a run's last
 * four, and of one pixel, since a single one is taken for two. */
static inline int32_t mote_conv2d_dsp_scratch_bytes(const mote_conv2d_s8_dsp_params* p) {
  const mote_conv2d_dsp_shape s = mote_conv2d_dsp_shape_of(p);
  const int32_t beyond = 4 + p->stride_width * p->input_channels;
  return 4 * (mote_conv2d_dsp_pairs(&s) + s.runs) +
         2 * (mote_conv2d_dsp_rows(p, p->rows) * s.row_elements + beyond);
}

/* How conv2d_s8_sparse_dsp widens rows: two channels of all rows after two of all, so that two of
 * the weights meet neighbours at neighbouring pixels of the output. Where windows move by more than
 * a column, the columns lie in that many planes. */
typedef struct mote_conv2d_planes_shape {
  int32_t pairs;  /* of input channels */
  int32_t planes; /* of each pair, the ones that windows read */
  int32_t row;    /* int16 in one row of a plane */
  int32_t plane;  /* in all rows */
  int32_t pair;   /* in all planes */
  int32_t most;   /* pairs of a channel's weights, and one; an even number */
} mote_conv2d_planes_shape;

static inline mote_conv2d_planes_shape mote_conv2d_planes_shape_of(
    const mote_conv2d_s8_dsp_params* p) {
  const int32_t columns = mote_conv2d_dsp_shape_of(p).columns;
  const int32_t window = (p->window_width - 1) * p->dilation_width + 1;
  mote_conv2d_planes_shape s;
  s.pairs = (p->input_channels + 1) / 2;
  s.planes = window < p->stride_width ? window : p->stride_width;
  s.row = 2 * ((columns + p->stride_width - 1) / p->stride_width);
  s.plane = mote_conv2d_dsp_rows(p, p->rows) * s.row;
  s.pair = s.planes * s.plane;
  s.most = (p->window_height * p->window_width * ((p->group_inputs + 1) / 2) + 2) & ~1;
  return s;
}

/* Two weights, not both of them 0. */
typedef struct mote_conv2d_kept {
  int32_t offset_bytes; /* in the widened rows, from where a window begins */
  uint32_t weights;     /* a pair */
} mote_conv2d_kept;

/* What is kept of a channel, the widened rows, and one pair beyond them, since an odd number of
 * pixels is taken for one more. */
static inline int32_t mote_conv2d_planes_scratch_bytes(const mote_conv2d_s8_dsp_params* p) {
  const mote_conv2d_planes_shape s = mote_conv2d_planes_shape_of(p);
  const int32_t beyond = 2;
  return s.most * (int32_t)sizeof(mote_conv2d_kept) + 2 * (s.pairs * s.pair + beyond);
}

#endif
