/* The walk of a pooling kernel over its output, for every pool and type. A kernel defines the types
 * mote_pool_params and mote_pool_value, includes this, and defines mote_pool_window. Tested by the
 * operators' tests. */
#ifndef MOTE_RUNTIME_POOL_H
#define MOTE_RUNTIME_POOL_H

#include "runtime/arithmetic/bits.h"
#include "runtime/operand.h"

/* The part of a window that lies inside the image. */
typedef struct mote_pool_part {
  int32_t y_begin, y_end, x_begin, x_end;
} mote_pool_part;

/* One element of the output. */
static mote_pool_value mote_pool_window(const mote_pool_params* params, const mote_operand* input,
                                        int32_t image, mote_pool_part at, int32_t channel);

static void mote_pool_row(const mote_pool_params* params, const mote_operand* operands,
                          int32_t image, int32_t row) {
  const int32_t top = row * params->stride_height - params->padding_top;
  mote_pool_value* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
  mote_pool_part at;
  at.y_begin = mote_max_s32(top, 0);
  at.y_end = mote_min_s32(top + params->window_height, params->input_height);
  for (int32_t x = 0; x < params->output_width; x++) {
    const int32_t left = x * params->stride_width - params->padding_left;
    at.x_begin = mote_max_s32(left, 0);
    at.x_end = mote_min_s32(left + params->window_width, params->input_width);
    for (int32_t channel = 0; channel < params->channels; channel++)
      *output++ = mote_pool_window(params, &operands[MOTE_UNARY_INPUT], image, at, channel);
  }
}

#endif
