/* The walk of an elementwise kernel with two operands through rows of its output, for the reference
 * kernels of Add, Sub and Mul. A kernel defines the types mote_pair_params, whose fields include
 * MOTE_BROADCAST_FIELDS, and mote_pair_element, includes this, and defines mote_pair. Tested by the
 * operators' tests. */
#ifndef MOTE_RUNTIME_BROADCAST_LOOP_H
#define MOTE_RUNTIME_BROADCAST_LOOP_H

#include "runtime/broadcast.h"

/* One element of the output. */
static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b);

static MOTE_INLINED void mote_broadcast_rows(const mote_pair_params* params,
                                             const mote_operand* operands, int32_t row_begin,
                                             int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const mote_pair_element* a = mote_const_row(
          &operands[MOTE_BINARY_A], image * params->a_image_step, row * params->a_row_step);
      const mote_pair_element* b = mote_const_row(
          &operands[MOTE_BINARY_B], image * params->b_image_step, row * params->b_row_step);
      mote_pair_element* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        for (int32_t c = 0; c < params->channels; c++)
          *output++ = mote_pair(params, a[x * params->a_width_step + c * params->a_channel_step],
                                b[x * params->b_width_step + c * params->b_channel_step]);
    }
}

#endif
