/* Taps: a tile of weights without those that are 0, for kernels that skip these. A sparse storage
 * decodes to taps where its `run` is not 0: so many weights of a channel meet inputs that lie side
 * by side in memory, a convolution's those of one row of its window, a dense layer's all. A tile is
 * a list of entries: for each channel the sum of its weights, then for each run how many taps it
 * has, and these. Tested by tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_TAPS_H
#define MOTE_RUNTIME_TAPS_H

#include <stdint.h>

typedef struct mote_tap {
  uint16_t offset; /* in elements, of the input from the run's first */
  int16_t weight;
} mote_tap;

typedef union mote_taps_entry {
  int32_t number; /* a sum or a count */
  mote_tap tap;
} mote_taps_entry;

/* Where each weight is used once, taps would take longer to make than to use: there `run` is this,
 * and what a sparse storage decodes to is the sum of one channel's products, [channel_begin,
 * channel_begin + 1). */
enum { MOTE_RUN_PRODUCTS = -1 };

typedef struct mote_products {
  const int8_t* input; /* as many as the channel has weights */
  int32_t zero_point;
  int32_t sum; /* the result, without the bias */
} mote_products;

#endif
