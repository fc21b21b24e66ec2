/* Weights of storage huffman, as int8, in canonical codes of different lengths. Byte 0 is the
 * longest length L, byte 1 the number of different weights; then come for each length 1 to L how
 * many codes have it; then the weights that codes stand for, shorter codes first; then the codes of
 * all weights in the order of [channels, outer, inner], from the low bits of each byte up. Codes of
 * one length are neighbouring numbers, first bit highest, and those of the next begin where twice
 * the number behind them is. A decoder's position counts bits. D. A. Huffman, "A Method for the
 * Construction of Minimum-Redundancy Codes" (1952). Tested by tests/differential/storage_test.cc.
 */
#ifndef MOTE_RUNTIME_DECODE_HUFFMAN_H
#define MOTE_RUNTIME_DECODE_HUFFMAN_H

#include "runtime/operand.h"

MOTE_C_BEGIN

void mote_decode_huffman(const mote_weights* weights, int32_t* position, int32_t channel_begin,
                         int32_t channel_end, void* tile);

MOTE_C_END

#endif
