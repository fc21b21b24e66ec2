/* See decode_bitmap4.h. */
#include "runtime/decode_bitmap4.h"

#include "runtime/walk_bitmap.h"

MOTE_SHARED(mote_decode_bitmap4)
void mote_decode_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile) {
  mote_make_dense(weights, position, channel_begin, channel_end, tile, mote_walk_bitmap,
                  mote_value4);
}

MOTE_SHARED(mote_taps_bitmap4)
void mote_taps_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                       int32_t channel_end, void* tile) {
  mote_make_taps(weights, position, channel_begin, channel_end, tile, mote_walk_bitmap,
                 mote_value4);
}

MOTE_SHARED(mote_products_bitmap4)
void mote_products_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                           int32_t channel_end, void* products) {
  (void)channel_end;
  mote_make_products(weights, position, channel_begin, products, mote_walk_bitmap, mote_value4);
}
