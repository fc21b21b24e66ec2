/* A layer in tiles (tile.h): what the x86 kernels of the weighted operators do, for the processor
 * of lanes_avx2.h or lanes_avx512.h, the type of lanes_s8.h, _s16, _f32 or _f32s8, and its
 * tile_integer.h or tile_real.h, included before. Operands as the reference kernels', constants
 * packed by ops/tiled/tiling.h, and behind the output a scratch for a strip of padded rows: so no
 * tile meets a border. Tested by tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_TILED_H
#define MOTE_RUNTIME_TILED_H

#include "runtime/tile.h"

/* ---- padding ---- */

MOTE_VECTOR mote_element* mote_tiled_blank(mote_element* to, int32_t elements, int32_t zero_point) {
  const mote_element blank = mote_element_of((mote_input)zero_point, zero_point);
  for (int32_t i = 0; i < elements; i++) to[i] = blank;
  return to + elements;
}

/* `pixels` of a row of the input that begins at the padding, or blank ones where `from` is NULL;
 * every element `copies` times. */
MOTE_VECTOR void mote_tiled_pad_row(const mote_tiled_params* p, const mote_input* from,
                                    int32_t zero_point, mote_element* to, int32_t pixels,
                                    int32_t copies) {
  const int32_t channels = p->input_channels * copies;
  const int32_t left = p->padding_left < pixels ? p->padding_left : pixels;
  const int32_t room = pixels - left;
  const int32_t inside = from == NULL ? 0 : (p->input_width < room ? p->input_width : room);
  to = mote_tiled_blank(to, left * channels, zero_point);
  if (copies == 1) {
    for (int32_t i = 0; i < inside * channels; i++) to[i] = mote_element_of(from[i], zero_point);
  } else {
    mote_element* copy = to;
    for (int32_t i = 0; i < inside * p->input_channels; i++)
      for (int32_t c = 0; c < copies; c++) *copy++ = mote_element_of(from[i], zero_point);
  }
  mote_tiled_blank(to + inside * channels, (room - inside) * channels, zero_point);
}

/* Depthwise: every element becomes a step, with its neighbours under the window. Up to a vector
 * more is read and written. */
MOTE_VECTOR void mote_tiled_interleave(const mote_element* row, mote_element* to, int32_t elements,
                                       int32_t next) {
  for (int32_t i = 0; i < elements; i += MOTE_LANES)
    mote_store(to + i * MOTE_STEP, mote_interleave(row + i, next));
}

/* Padded rows under output rows [y, y + rows). */
MOTE_VECTOR void mote_tiled_fill(const mote_tiled_params* p, const mote_operand* input,
                                 int32_t zero_point, int32_t image, int32_t y, int32_t rows,
                                 mote_element* strip) {
  const int32_t row_elements = p->padded_pixels * p->pixel_elements;
  mote_element* single = strip + mote_tiled_padded_rows(p, p->strip_rows) * row_elements;
  const int32_t next = p->dilation_width * p->output_channels; /* under the window, depthwise */
  for (int32_t r = 0; r < mote_tiled_padded_rows(p, rows); r++, strip += row_elements) {
    const int32_t from = y * p->stride_height - p->padding_top + r;
    const int inside = from >= 0 && from < p->input_height;
    const mote_input* row = inside ? mote_const_row(input, image, from) : NULL;
    if (p->depth_multiplier == 0) {
      mote_tiled_pad_row(p, row, zero_point, strip, p->padded_pixels, 1);
    } else {
      const int32_t pixels = p->padded_pixels + (MOTE_STEP - 1) * p->dilation_width;
      mote_tiled_pad_row(p, row, zero_point, single, pixels, p->depth_multiplier);
      mote_tiled_interleave(single, strip, row_elements / MOTE_STEP, next);
    }
  }
}

/* ---- one tile ---- */

/* What the tiles of some blocks of channels have in common; distances in elements. */
typedef struct mote_tile {
  const mote_tiled_params* layer;
  int32_t row_distance; /* from a row of the window to the next */
  int32_t tap_distance;
  int32_t pixel_distance; /* from a pixel's window to the next pixel's */
  int32_t block_weights;
  int32_t channels; /* from the first block on: a block may have less than it could */
  const mote_weight* weights;
  mote_tile_constants constants;
  mote_tile_image image;
} mote_tile;

MOTE_VECTOR int mote_tile_is_wide(const mote_tile* t) {
  return MOTE_SUMS_MAY_BE_WIDE && t->layer->wide;
}

/* `steps` steps of a run. Pixels are addressed from every fourth one, so that few registers do. */
MOTE_VECTOR void mote_tile_add(const mote_tile* t, const mote_element* x, const mote_weight* w,
                               int32_t steps, mote_lanes* sums, int32_t pixels, int32_t blocks,
                               int depthwise) {
  const ptrdiff_t next = t->pixel_distance;
  const mote_element* fourths[MOTE_SUMS / 4 + 1];
  MOTE_UNROLL for (int32_t i = 0; i < pixels; i += 4) fourths[i / 4] = x + i * next;
  for (int32_t s = 0; s < steps; s++, w += MOTE_LANES * MOTE_STEP) {
    mote_lanes weights[MOTE_SUMS];
    MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) weights[b] =
        mote_load(w + b * t->block_weights);
    MOTE_UNROLL for (int32_t i = 0; i < pixels; i++) {
      const mote_element* step = fourths[i / 4] + i % 4 * next;
      const mote_lanes inputs = depthwise ? mote_load(step) : mote_broadcast(step);
      MOTE_UNROLL for (int32_t b = 0; b < blocks; b++) sums[b * pixels + i] =
          mote_dot(sums[b * pixels + i], inputs, weights[b]);
    }
    MOTE_UNROLL for (int32_t i = 0; i < pixels; i += 4) fourths[i / 4] += MOTE_STEP;
  }
}

/* `pixels`, `blocks` and `depthwise` are constants where this is called, so that the sums stay in
 * registers. */
MOTE_VECTOR void mote_tile_compute(const mote_tile* t, const mote_element* input,
                                   mote_value* output, int32_t pixels, int32_t blocks,
                                   int depthwise) {
  const mote_tiled_params* p = t->layer;
  mote_lanes sums[MOTE_SUMS];
  mote_wide wide[MOTE_SUMS];
  int32_t room = mote_tile_is_wide(t) ? MOTE_SECTION_STEPS : INT32_MAX;
  const mote_weight* weights = t->weights;
  mote_tile_begin(&t->constants, sums, wide, mote_tile_is_wide(t), pixels, blocks);
  for (int32_t row = 0; row < p->window_height; row++)
    for (int32_t tap = 0; tap < p->taps; tap++) {
      const mote_element* x = input + row * t->row_distance + tap * t->tap_distance;
      for (int32_t left = p->steps; left > 0;) {
        const int32_t steps = room < left ? room : left;
        mote_tile_add(t, x, weights, steps, sums, pixels, blocks, depthwise);
        x += steps * MOTE_STEP;
        weights += steps * MOTE_STEP * MOTE_LANES;
        left -= steps;
        room -= steps;
        if (!mote_tile_is_wide(t) || room > 0) continue;
        mote_tile_widen(&t->constants, sums, wide, pixels, blocks);
        room = MOTE_SECTION_STEPS;
      }
    }
  if (mote_tile_is_wide(t)) mote_tile_widen(&t->constants, sums, wide, pixels, blocks);
  mote_tile_end(p, &t->constants, &t->image, sums, wide, output, t->channels, pixels, blocks);
}

/* ---- the layer ---- */

/* As many pixels as there are, `count` at a time; none where a tile of one will do. */
MOTE_VECTOR int32_t mote_tiled_some(const mote_tile* t, const mote_element* input,
                                    mote_value* output, int32_t done, int32_t pixels, int32_t count,
                                    int32_t blocks, int depthwise) {
  for (; count > 1 && done + count <= pixels; done += count)
    mote_tile_compute(t, input + done * t->pixel_distance,
                      output + done * t->layer->output_channels, count, blocks, depthwise);
  return done;
}

MOTE_VECTOR void mote_tiled_pixels(const mote_tile* t, const mote_element* input,
                                   mote_value* output, int32_t pixels, int32_t blocks,
                                   int depthwise) {
  int32_t i = 0;
  i = mote_tiled_some(t, input, output, i, pixels, MOTE_SUMS / blocks, blocks, depthwise);
  i = mote_tiled_some(t, input, output, i, pixels, MOTE_SUMS / blocks / 2, blocks, depthwise);
  i = mote_tiled_some(t, input, output, i, pixels, MOTE_SUMS / blocks / 4, blocks, depthwise);
  for (; i < pixels; i++)
    mote_tile_compute(t, input + i * t->pixel_distance, output + i * t->layer->output_channels, 1,
                      blocks, depthwise);
}

/* Output rows that are computed from the same padded rows. */
typedef struct mote_strip {
  const mote_element* input;
  const mote_operand* output;
  int32_t image, y, rows;
  int32_t joined_rows; /* how many lie so that their pixels are evenly spaced: 1 or all */
} mote_strip;

MOTE_VECTOR mote_strip mote_tiled_strip(const mote_tile* t, const mote_operand* output,
                                        int32_t image, int32_t y, int32_t rows) {
  const mote_tiled_params* p = t->layer;
  const int32_t row_bytes = p->output_width * p->output_channels * (int32_t)sizeof(mote_value);
  const int joined = output->image_rows > 0 && output->row_stride_bytes == row_bytes &&
                     p->padded_pixels * p->stride_height == p->output_width * p->stride_width;
  return (mote_strip){NULL, output, image, y, rows, joined ? rows : 1};
}

MOTE_VECTOR void mote_tiled_blocks(const mote_tile* t, const mote_strip* strip, int32_t input,
                                   int32_t channel, int32_t blocks, int depthwise) {
  const mote_tiled_params* p = t->layer;
  const int32_t row_elements = p->stride_height * p->padded_pixels * p->pixel_elements;
  for (int32_t row = 0; row < strip->rows; row += strip->joined_rows)
    mote_tiled_pixels(t, strip->input + input + row * row_elements,
                      (mote_value*)mote_row(strip->output, strip->image, strip->y + row) + channel,
                      strip->joined_rows * p->output_width, blocks, depthwise);
}

MOTE_VECTOR void mote_tiled_channels(const mote_tile* first, const mote_strip* strip,
                                     int depthwise) {
  const mote_tiled_params* p = first->layer;
  const int32_t pixels = strip->joined_rows * p->output_width;
  mote_tile t = *first;
  for (int32_t o = 0, i = 0; o < p->output_channels; o += p->group_outputs, i += p->group_inputs)
    for (int32_t done = 0; done < p->group_outputs;) {
      t.channels = p->group_outputs - done;
      int32_t blocks = t.channels > MOTE_LANES ? 2 : 1;
      if (depthwise) {
        blocks = 1;
        mote_tiled_blocks(&t, strip, done * MOTE_STEP, done, 1, 1);
      } else if (pixels == 1 && t.channels > 7 * MOTE_LANES) {
        blocks = 8; /* enough sums for the processor to work on */
        mote_tiled_blocks(&t, strip, i, o + done, 8, 0);
      } else if (blocks == 2) {
        mote_tiled_blocks(&t, strip, i, o + done, 2, 0);
      } else {
        mote_tiled_blocks(&t, strip, i, o + done, 1, 0);
      }
      t.weights += blocks * t.block_weights;
      t.constants = mote_tile_constants_from(&t.constants, p->wide, blocks * MOTE_LANES);
      done += blocks * MOTE_LANES;
    }
}

MOTE_VECTOR mote_tile mote_tiled_first(const mote_tiled_params* p, const mote_operand* operands) {
  return (mote_tile){
      .layer = p,
      .row_distance = p->dilation_height * p->padded_pixels * p->pixel_elements,
      .tap_distance = p->tap_pixels * p->pixel_elements,
      .pixel_distance = p->stride_width * p->pixel_elements,
      .block_weights = p->window_height * p->taps * p->steps * MOTE_STEP * MOTE_LANES,
      .weights = operands[MOTE_WEIGHTS].weights->data,
      .constants = mote_tile_constants_of(operands),
  };
}

MOTE_VECTOR void mote_tiled_rows(const mote_tiled_params* p, const mote_operand* operands,
                                 int32_t row_begin, int32_t row_end) {
  const mote_operand* output = &operands[MOTE_OUTPUT_OPERAND];
  mote_tile first = mote_tiled_first(p, operands);
  /* where no vector of it straddles lines of the cache; the scratch has room for that */
  mote_element* padded = (mote_element*)(((uintptr_t)output[1].data + 63) / 64 * 64);
  for (int32_t image = 0; image < p->batch; image++) {
    first.image = mote_tile_image_of(p, operands, image);
    for (int32_t y = row_begin; y < row_end; y += p->strip_rows) {
      const int32_t rows = row_end - y < p->strip_rows ? row_end - y : p->strip_rows;
      mote_tiled_fill(p, &operands[MOTE_INPUT], first.image.zero_point, image, y, rows, padded);
      mote_strip strip = mote_tiled_strip(&first, output, image, y, rows);
      strip.input = padded;
      if (p->depth_multiplier > 0)
        mote_tiled_channels(&first, &strip, 1);
      else
        mote_tiled_channels(&first, &strip, 0);
    }
  }
}

#endif
