/* The sum over the taps of a window that lie inside the image, for the kernels of Conv2D and
 * DepthwiseConv2D of most types. A kernel defines the types mote_window_params, mote_window_input,
 * mote_window_weight and mote_window_sum, includes this, and defines mote_window_tap. Tested by the
 * operators' tests. */
#ifndef MOTE_RUNTIME_WINDOW_H
#define MOTE_RUNTIME_WINDOW_H

#include "runtime/operand.h"

/* Where a window begins: negative coordinates lie in the padding. `channel` is the first of the
 * input's that it reads. */
typedef struct mote_window_origin {
  int32_t image;
  int32_t y;
  int32_t x;
  int32_t channel;
} mote_window_origin;

/* Adds the products of one tap, all that `pixel` and `tap` begin. */
static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap);

/* From one tap to the next, weights lie `tap_weights` apart. */
static inline mote_window_sum mote_sum_window(const mote_window_params* p,
                                              const mote_operand* input, mote_window_origin at,
                                              int32_t zero_point, const mote_window_weight* weights,
                                              int32_t tap_weights) {
  mote_window_sum sum = 0;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t y = at.y + ky * p->dilation_height;
    if (y < 0 || y >= p->input_height) continue;
    const mote_window_input* row = mote_const_row(input, at.image, y);
    for (int32_t kx = 0; kx < p->window_width; kx++) {
      const int32_t x = at.x + kx * p->dilation_width;
      if (x < 0 || x >= p->input_width) continue;
      const mote_window_input* pixel = row + x * p->input_channels + at.channel;
      const mote_window_weight* tap = weights + (ky * p->window_width + kx) * tap_weights;
      sum = mote_window_tap(p, sum, pixel, zero_point, tap);
    }
  }
  return sum;
}

#endif
