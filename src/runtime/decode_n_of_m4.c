/* See decode_n_of_m4.h. */
#include "runtime/decode_n_of_m4.h"

#include "runtime/walk_n_of_m.h"

MOTE_SHARED(mote_decode_n_of_m4)
void mote_decode_n_of_m4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile) {
  mote_make_dense(weights, position, channel_begin, channel_end, tile, mote_walk_n_of_m,
                  mote_value4);
}

MOTE_SHARED(mote_taps_n_of_m4)
void mote_taps_n_of_m4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                       int32_t channel_end, void* tile) {
  mote_make_taps(weights, position, channel_begin, channel_end, tile, mote_walk_n_of_m,
                 mote_value4);
}

MOTE_SHARED(mote_products_n_of_m4)
void mote_products_n_of_m4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                           int32_t channel_end, void* products) {
  (void)channel_end;
  mote_make_products(weights, position, channel_begin, products, mote_walk_n_of_m, mote_value4);
}
