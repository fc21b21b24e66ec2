/* The sum over the taps that reach an output pixel from inside the image, for the kernels of
 * TransposeConv of integers. A kernel defines what runtime/window.h asks for. Tested by
 * transpose_conv_test.cc. */
#ifndef MOTE_RUNTIME_TRANSPOSED_WINDOW_H
#define MOTE_RUNTIME_TRANSPOSED_WINDOW_H

#include "runtime/operand.h"

/* The first tap [ky, kx] that reaches the output pixel, and the pixel [y, x] of the input, or
 * outside of it, from where it does. A tap one stride further does so from the pixel before. */
typedef struct mote_window_origin {
  int32_t image;
  int32_t y;
  int32_t ky;
  int32_t x;
  int32_t kx;
} mote_window_origin;

/* Adds the products of one tap, all that `pixel` and `tap` begin. */
static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap);

/* From one tap to the next, weights lie `tap_weights` apart. */
static inline mote_window_sum mote_sum_window(const mote_window_params* p,
                                              const mote_operand* input, mote_window_origin from,
                                              int32_t zero_point, const mote_window_weight* weights,
                                              int32_t tap_weights) {
  mote_window_sum sum = 0;
  for (int32_t ky = from.ky, y = from.y; ky < p->window_height; ky += p->stride_height, y--) {
    if (y < 0 || y >= p->input_height) continue;
    const mote_window_input* row = mote_const_row(input, from.image, y);
    for (int32_t kx = from.kx, x = from.x; kx < p->window_width; kx += p->stride_width, x--) {
      if (x < 0 || x >= p->input_width) continue;
      const mote_window_weight* tap = weights + (ky * p->window_width + kx) * tap_weights;
      sum = mote_window_tap(p, sum, row + x * p->input_channels, zero_point, tap);
    }
  }
  return sum;
}

#endif
