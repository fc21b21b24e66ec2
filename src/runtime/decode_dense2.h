/* Weights of storage dense2, as int8. Tested by tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_DECODE_DENSE2_H
#define MOTE_RUNTIME_DECODE_DENSE2_H

#include "runtime/operand.h"

MOTE_C_BEGIN

void mote_decode_dense2(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                        int32_t channel_end, void* tile);

MOTE_C_END

#endif
