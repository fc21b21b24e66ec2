/* Weights of storage bitmap4, as int8, taps and products. Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_DECODE_BITMAP4_H
#define MOTE_RUNTIME_DECODE_BITMAP4_H

#include "runtime/operand.h"

MOTE_C_BEGIN

void mote_decode_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile);
void mote_taps_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                       int32_t channel_end, void* tile);
void mote_products_bitmap4(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                           int32_t channel_end, void* products);

MOTE_C_END

#endif
