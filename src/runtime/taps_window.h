/* Sums over the taps (runtime/taps.h) of a channel, for the sparse kernels of Conv2D. Inside the
 * image two neighbouring pixels share what it takes to find a tap; where windows reach out of it,
 * each tap is asked whether it lies there. A kernel defines the types mote_window_params,
 * mote_window_input and mote_window_sum and includes this. Its runs are rows of the window: one
 * group, columns not dilated. Tested by tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_TAPS_WINDOW_H
#define MOTE_RUNTIME_TAPS_WINDOW_H

#include "runtime/operand.h"
#include "runtime/taps.h"

/* Where a window begins: negative coordinates lie in the padding. */
typedef struct mote_window_origin {
  int32_t image;
  int32_t y;
  int32_t x;
} mote_window_origin;

static inline mote_window_origin mote_window_at(const mote_window_params* p, int32_t image,
                                                int32_t y, int32_t x) {
  const mote_window_origin at = {image, y * p->stride_height - p->padding_top,
                                 x * p->stride_width - p->padding_left};
  return at;
}

/* Whether this window and that of the next pixel lie inside the image. */
static inline int mote_two_inside(const mote_window_params* p, mote_window_origin at) {
  const int32_t last_row = at.y + (p->window_height - 1) * p->dilation_height;
  return at.y >= 0 && last_row < p->input_height && at.x >= 0 &&
         at.x + p->stride_width + p->window_width <= p->input_width;
}

/* Taps outside the image count nothing. Both functions give the entry behind the channel's. */
static inline const mote_taps_entry* mote_sum_window(const mote_window_params* p,
                                                     const mote_operand* input,
                                                     mote_window_origin at, int32_t zero_point,
                                                     const mote_taps_entry* entry,
                                                     mote_window_sum* sum) {
  const int32_t row_elements = p->input_width * p->input_channels;
  *sum = 0;
  entry++;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t y = at.y + ky * p->dilation_height;
    const mote_taps_entry* const end = entry + 1 + entry->number;
    if (y >= 0 && y < p->input_height) {
      const mote_window_input* row = mote_const_row(input, at.image, y);
      for (entry++; entry != end; entry++) {
        const int32_t k = at.x * p->input_channels + entry->tap.offset;
        if (k >= 0 && k < row_elements) *sum += entry->tap.weight * (row[k] - zero_point);
      }
    }
    entry = end;
  }
  return entry;
}

static inline const mote_taps_entry* mote_sum_two_windows(const mote_window_params* p,
                                                          const mote_operand* input,
                                                          mote_window_origin at, int32_t zero_point,
                                                          const mote_taps_entry* entry,
                                                          mote_window_sum* sums) {
  const int32_t step = p->stride_width * p->input_channels;
  const mote_window_sum offset = (mote_window_sum)zero_point * entry->number;
  mote_window_sum left_sum = 0, right_sum = 0;
  entry++;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const mote_window_input* left =
        (const mote_window_input*)mote_const_row(input, at.image, at.y + ky * p->dilation_height) +
        at.x * p->input_channels;
    const mote_window_input* right = left + step;
    const mote_taps_entry* const end = entry + 1 + entry->number;
    for (entry++; entry != end; entry++) {
      const int32_t k = entry->tap.offset, weight = entry->tap.weight;
      left_sum += weight * left[k];
      right_sum += weight * right[k];
    }
  }
  sums[0] = left_sum - offset;
  sums[1] = right_sum - offset;
  return entry;
}

#endif
