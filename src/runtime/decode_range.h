/* Weights of storage range, as int8: one number between 0 and 1, its bytes highest first, that says
 * all weights in the order of [channels, outer, inner], bit by bit as runtime/range.h has them.
 * Each bit divides what is left of the range: the lower part, of the share that a 0 is probable,
 * and the rest are what is left behind it, whichever the number lies in. So weights take hardly
 * more than their entropy, without a table. A decoder keeps mote_range_state in the scratch behind
 * the tile; its position counts nothing. G. N. N. Martin, "Range encoding" (1979). Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_DECODE_RANGE_H
#define MOTE_RUNTIME_DECODE_RANGE_H

#include "runtime/range.h"

MOTE_C_BEGIN

/* Where the tile of the most channels ends, at the next multiple of 8 bytes; from channel 0 on. */
typedef struct mote_range_state {
  const uint8_t* from;
  uint32_t range; /* what is left of it */
  uint32_t code;  /* where in it the number lies, as far as it is read */
  mote_range_bit bits[MOTE_RANGE_BITS];
} mote_range_state;

void mote_decode_range(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                       int32_t channel_end, void* tile);

MOTE_C_END

#endif
