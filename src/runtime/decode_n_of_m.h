/* Weights of storage n_of_m, as int8, taps and products. Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_DECODE_N_OF_M_H
#define MOTE_RUNTIME_DECODE_N_OF_M_H

#include "runtime/operand.h"

MOTE_C_BEGIN

void mote_decode_n_of_m(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile);
void mote_taps_n_of_m(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                      int32_t channel_end, void* tile);
void mote_products_n_of_m(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                          int32_t channel_end, void* products);

MOTE_C_END

#endif
