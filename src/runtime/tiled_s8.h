/* A convolution on int8 in tiles: what Conv2D and FullyConnected do with tile_avx2.h or
 * tile_avx512.h, one of which is included before. Operands as the reference kernels', constants
 * packed by ops/tiling.h, and behind the output a scratch that holds the rows of one window,
 * padded: so no tile meets a border. Tested by tests/differential/variants_test.cc. */
#ifndef MOTE_RUNTIME_TILED_S8_H
#define MOTE_RUNTIME_TILED_S8_H

#include "runtime/operand.h"
#include "runtime/tile.h"

/* The fields of mote_conv2d_s8_params. */
typedef struct mote_tiled_s8 {
  int32_t input_zero_point, output_zero_point, activation_min, activation_max;
  int32_t batch, input_height, input_width, input_channels;
  int32_t output_width, output_channels, group_inputs, group_outputs;
  int32_t window_height, window_width, stride_height, stride_width;
  int32_t dilation_height, dilation_width, padding_top, padding_left;
} mote_tiled_s8;

/* Pixels of a padded row: all that the windows of a row of outputs reach. */
MOTE_TILE int32_t mote_tiled_width(const mote_tiled_s8* p) {
  return (p->output_width - 1) * p->stride_width + (p->window_width - 1) * p->dilation_width + 1;
}

MOTE_TILE void mote_tiled_pad(const mote_tiled_s8* p, mote_tile_input* to, int32_t pixels) {
  const mote_tile_input blank = mote_tile_element(p->input_zero_point, p->input_zero_point);
  for (int32_t i = 0; i < pixels * p->input_channels; i++) to[i] = blank;
}

/* One row of the input, or a blank one where `from` is NULL. */
MOTE_TILE void mote_tiled_fill_row(const mote_tiled_s8* p, const int8_t* from,
                                   mote_tile_input* to) {
  const int32_t width = mote_tiled_width(p);
  const int32_t left = p->padding_left < width ? p->padding_left : width;
  const int32_t room = width - left;
  const int32_t inside = from == NULL ? 0 : (p->input_width < room ? p->input_width : room);
  mote_tiled_pad(p, to, left);
  to += left * p->input_channels;
  for (int32_t i = 0; i < inside * p->input_channels; i++)
    to[i] = mote_tile_element(from[i], p->input_zero_point);
  mote_tiled_pad(p, to + inside * p->input_channels, room - inside);
}

MOTE_TILE void mote_tiled_fill(const mote_tiled_s8* p, const mote_operand* input, int32_t image,
                               int32_t output_row, mote_tile_input* scratch) {
  const int32_t row_elements = mote_tiled_width(p) * p->input_channels;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t y = output_row * p->stride_height - p->padding_top + ky * p->dilation_height;
    const int inside = y >= 0 && y < p->input_height;
    mote_tiled_fill_row(p, inside ? mote_const_row(input, image, y) : NULL,
                        scratch + ky * row_elements);
  }
}

/* All pixels of a row, for one or two blocks of channels. */
MOTE_TILE void mote_tiled_pixels(const mote_tile* tile, const mote_tile_input* input,
                                 int8_t* output, int32_t pixels, int32_t blocks) {
  int32_t x = 0;
  for (; x + MOTE_TILE_PIXELS <= pixels; x += MOTE_TILE_PIXELS)
    mote_tile_compute(tile, input + x * tile->pixel_distance, output + x * tile->output_distance,
                      MOTE_TILE_PIXELS, blocks);
  for (; x + MOTE_TILE_PIXELS / 2 <= pixels; x += MOTE_TILE_PIXELS / 2)
    mote_tile_compute(tile, input + x * tile->pixel_distance, output + x * tile->output_distance,
                      MOTE_TILE_PIXELS / 2, blocks);
  for (; x < pixels; x++)
    mote_tile_compute(tile, input + x * tile->pixel_distance, output + x * tile->output_distance, 1,
                      blocks);
}

/* The tile of the first block. A row of the window is one run of elements where nothing lies
 * between its taps. */
MOTE_TILE mote_tile mote_tiled_first(const mote_tiled_s8* p, const mote_operand* operands) {
  const int whole_rows = p->dilation_width == 1 && p->group_inputs == p->input_channels;
  const int32_t run = whole_rows ? p->window_width * p->group_inputs : p->group_inputs;
  mote_tile tile = {
      .window_rows = p->window_height,
      .row_distance = mote_tiled_width(p) * p->input_channels,
      .taps = whole_rows ? 1 : p->window_width,
      .tap_distance = p->dilation_width * p->input_channels,
      .steps = (run + MOTE_TILE_STEP - 1) / MOTE_TILE_STEP,
      .pixel_distance = p->stride_width * p->input_channels,
      .weights = operands[1].weights->data,
      .bias = operands[2].constant,
      .multiplier = operands[3].constant,
      .shift = operands[4].constant,
      .output_zero_point = p->output_zero_point,
      .activation_min = p->activation_min,
      .activation_max = p->activation_max,
      .output_distance = p->output_channels,
  };
  tile.block_weights =
      tile.window_rows * tile.taps * tile.steps * MOTE_TILE_STEP * MOTE_TILE_CHANNELS;
  return tile;
}

MOTE_TILE void mote_tiled_advance(mote_tile* tile, int32_t blocks) {
  tile->weights = (const mote_tile_weight*)tile->weights + blocks * tile->block_weights;
  tile->bias += blocks * MOTE_TILE_CHANNELS;
  tile->multiplier += blocks * MOTE_TILE_CHANNELS;
  tile->shift += blocks * MOTE_TILE_CHANNELS;
}

MOTE_TILE void mote_tiled_row(const mote_tiled_s8* p, const mote_tile* first,
                              const mote_tile_input* scratch, int8_t* output) {
  mote_tile tile = *first;
  for (int32_t o = 0, i = 0; o < p->output_channels; o += p->group_outputs, i += p->group_inputs)
    for (int32_t done = 0; done < p->group_outputs;) {
      tile.channels = p->group_outputs - done;
      const int32_t blocks = tile.channels > MOTE_TILE_CHANNELS ? 2 : 1;
      if (blocks == 2)
        mote_tiled_pixels(&tile, scratch + i, output + o + done, p->output_width, 2);
      else
        mote_tiled_pixels(&tile, scratch + i, output + o + done, p->output_width, 1);
      mote_tiled_advance(&tile, blocks);
      done += blocks * MOTE_TILE_CHANNELS;
    }
}

MOTE_TILE void mote_tiled_rows(const mote_tiled_s8* p, const mote_operand* operands,
                               int32_t row_begin, int32_t row_end) {
  const mote_tile first = mote_tiled_first(p, operands);
  mote_tile_input* scratch = operands[6].data;
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t y = row_begin; y < row_end; y++) {
      mote_tiled_fill(p, &operands[0], image, y, scratch);
      mote_tiled_row(p, &first, scratch, mote_row(&operands[5], image, y));
    }
}

#endif
