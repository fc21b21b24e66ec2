/* The constants of an integer layer's output channels, packed: bias, multiplier and shift. Before a
 * call that has them so they are unpacked into the arena, where its kernel reads them as it reads
 * constants. Encoder: deploy/storage/channels.h.
 *
 * Word 0 is the factor that all multipliers have in common, word 1 the least bias, word 2 says how
 * the rest is kept:
 *   bits 0 to 5   how many bits a bias takes, up to 32
 *        6 to 10  a multiplier: 24, or 0 where all are the same
 *        11 to 15 a multiplier and a shift, which takes up to 6
 *        16 to 17 how many words an unpacked bias is: 1, 2, or 0 where there are none
 *        24 to 31 the least shift, in two's complement
 * Then come, channel by channel and from the low bits of each word up: its multiplier; how far its
 * shift is above the least; how far its bias is. Behind the last is a bit at least that nobody
 * uses.
 *
 * A multiplier, in [2^30, 2^31), is the product of the factor and a scale of the weights, which has
 * 24 significant bits as every binary32. Its field has the 23 of them that follow the first, and as
 * lowest bit whether the product, rounded down, is 1 too small. Tested by
 * deploy/storage/channels_test.cc. */
#ifndef MOTE_RUNTIME_UNPACK_CHANNELS_H
#define MOTE_RUNTIME_UNPACK_CHANNELS_H

#include <stdint.h>

#include "runtime/linkage.h"

MOTE_C_BEGIN

/* Into the biases, int32 or int64, of all channels, then their multipliers, int32, then their
 * shifts, int8. `packed` lies at a multiple of 4 bytes, `unpacked` of 8. */
void mote_unpack_channels(const void* packed, int32_t channels, void* unpacked);

MOTE_C_END

#endif
