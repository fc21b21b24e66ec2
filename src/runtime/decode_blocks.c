/* See decode_blocks.h. */
#include "runtime/decode_blocks.h"

#include "runtime/walk_blocks.h"

MOTE_SHARED(mote_decode_blocks)
void mote_decode_blocks(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile) {
  mote_make_dense(weights, position, channel_begin, channel_end, tile, mote_walk_blocks,
                  mote_value8);
}

MOTE_SHARED(mote_taps_blocks)
void mote_taps_blocks(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                      int32_t channel_end, void* tile) {
  mote_make_taps(weights, position, channel_begin, channel_end, tile, mote_walk_blocks,
                 mote_value8);
}

MOTE_SHARED(mote_products_blocks)
void mote_products_blocks(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                          int32_t channel_end, void* products) {
  (void)channel_end;
  mote_make_products(weights, position, channel_begin, products, mote_walk_blocks, mote_value8);
}
