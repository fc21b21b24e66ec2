/* Weights of storage palette, as int8: byte 0 is B, from 1 to 4, then come the 2^B values that
 * there may be, then which of them each weight is, in B bits as runtime/fields.h reads them. Tested
 * by tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_DECODE_PALETTE_H
#define MOTE_RUNTIME_DECODE_PALETTE_H

#include "runtime/operand.h"

MOTE_C_BEGIN

void mote_decode_palette(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile);

MOTE_C_END

#endif
