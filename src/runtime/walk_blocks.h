/* The walk through blocks: the weights of a channel in fours, [outer, inner] in a row, the last
 * with what is left over; one bit a block, in the order of the channels and from the low bits of
 * each byte up; behind its last byte all values of the blocks whose bit is set. For the decoders of
 * blocks and blocks4. */
#ifndef MOTE_RUNTIME_WALK_BLOCKS_H
#define MOTE_RUNTIME_WALK_BLOCKS_H

#include "runtime/sparse_decode.h"

static MOTE_INLINED void mote_copy_four(int8_t* to, const uint8_t* from) {
  const uint8_t first = from[0], second = from[1], third = from[2], fourth = from[3];
  to[0] = (int8_t)first;
  to[1] = (int8_t)second;
  to[2] = (int8_t)third;
  to[3] = (int8_t)fourth;
}

static MOTE_INLINED void mote_widen_nibbles(int8_t* to, const uint8_t* from) {
  const int32_t first = from[0], second = from[1];
  to[0] = (int8_t)(((first & 15) ^ 8) - 8);
  to[1] = (int8_t)((first >> 4 ^ 8) - 8);
  to[2] = (int8_t)(((second & 15) ^ 8) - 8);
  to[3] = (int8_t)((second >> 4 ^ 8) - 8);
}

/* What of a block, which begins at `at`, lies in [begin, end). */
static MOTE_INLINED int32_t mote_put_block(int32_t at, int32_t begin, int32_t end,
                                           const uint8_t* values, int32_t position,
                                           mote_value value, mote_put put, mote_tile_sink* sink) {
  if (at >= begin && at + 4 <= end) {
    const int32_t to = at - begin;
    if (put == mote_put_dense && value == mote_value8) {
      mote_copy_four(&sink->dense[to], values + position);
      return position + 4;
    }
    if (put == mote_put_dense && value == mote_value4 && position % 2 == 0) {
      mote_widen_nibbles(&sink->dense[to], values + position / 2);
      return position + 4;
    }
    put(sink, to, value(values, position));
    put(sink, to + 1, value(values, position + 1));
    put(sink, to + 2, value(values, position + 2));
    put(sink, to + 3, value(values, position + 3));
    return position + 4;
  }
  const int32_t last = at + 4 < end ? at + 4 : end;
  for (int32_t k = at < begin ? begin : at; k < last; k++)
    put(sink, k - begin, value(values, position++));
  return position;
}

static MOTE_INLINED int32_t mote_walk_blocks(const mote_weights* weights, int32_t channel,
                                             int32_t begin, int32_t end, int32_t position,
                                             mote_value value, mote_put put, mote_tile_sink* sink) {
  const uint8_t* bitmap = weights->data;
  const uint32_t blocks = (uint32_t)(weights->outer * weights->inner + 3) / 4;
  const uint8_t* values = bitmap + ((uint32_t)weights->channels * blocks + 7) / 8;
  const uint32_t first = (uint32_t)channel * blocks;
  const uint32_t last = first + (uint32_t)(end + 3) / 4;
  for (uint32_t bit = first + (uint32_t)begin / 4; bit < last;) {
    const uint32_t next = (bit / 8 + 1) * 8 < last ? (bit / 8 + 1) * 8 : last;
    uint32_t bits = (uint32_t)bitmap[bit / 8] >> bit % 8 & ((1u << (next - bit)) - 1);
    for (int32_t at = (int32_t)(bit - first) * 4; bits != 0; bits >>= 1, at += 4)
      if (bits & 1) position = mote_put_block(at, begin, end, values, position, value, put, sink);
    bit = next;
  }
  return position;
}

#endif
