/* The rows of Pad's output, for its kernels of every type. A kernel defines the types
 * mote_pad_params and mote_pad_element and includes this. Tested by pad_test.cc. */
#ifndef MOTE_OPS_PAD_PAD_LOOP_H
#define MOTE_OPS_PAD_PAD_LOOP_H

#include "ops/pad/pad_kernels.h"

/* Writes one row; `input` is the row of the input that it contains, or NULL. */
static void mote_pad_row(const mote_pad_params* params, const mote_pad_element* input,
                         mote_pad_element* output) {
  const mote_pad_element value = (mote_pad_element)params->value;
  for (int32_t x = 0; x < params->output_width; x++) {
    const int32_t column = x - params->before_column;
    const int inside = input && column >= 0 && column < params->input_width;
    for (int32_t c = 0; c < params->output_channels; c++) {
      const int32_t channel = c - params->before_channel;
      *output++ = inside && channel >= 0 && channel < params->input_channels
                      ? input[column * params->input_channels + channel]
                      : value;
    }
  }
}

static MOTE_INLINED void mote_pad_rows(const mote_pad_params* params, const mote_operand* operands,
                                       int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->output_batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int32_t from_image = image - params->before_image;
      const int32_t from_row = row - params->before_row;
      const int inside = from_image >= 0 && from_image < params->input_batch && from_row >= 0 &&
                         from_row < params->input_height;
      mote_pad_row(
          params, inside ? mote_const_row(&operands[MOTE_UNARY_INPUT], from_image, from_row) : NULL,
          mote_row(&operands[MOTE_UNARY_OUTPUT], image, row));
    }
}

#endif
