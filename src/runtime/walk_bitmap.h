/* The walk through a bitmap: one bit a weight, in the order of [channels, outer, inner] and from
 * the low bits of each byte up; behind its last byte the values of those whose bit is set. A byte
 * of zeros costs one look. For the decoders of bitmap and bitmap4. */
#ifndef MOTE_RUNTIME_WALK_BITMAP_H
#define MOTE_RUNTIME_WALK_BITMAP_H

#include "runtime/sparse_decode.h"

/* The eight weights from `at` on of which bit k of `bits` says whether k is kept. Half of them at a
 * time: sparse weights have many halves of zeros. */
static MOTE_INLINED int32_t mote_put_bits(uint32_t bits, int32_t at, const uint8_t* values,
                                          int32_t position, mote_value value, mote_put put,
                                          mote_tile_sink* sink) {
  for (; bits != 0; bits >>= 4, at += 4) {
    if (bits & 1) put(sink, at, value(values, position++));
    if (bits & 2) put(sink, at + 1, value(values, position++));
    if (bits & 4) put(sink, at + 2, value(values, position++));
    if (bits & 8) put(sink, at + 3, value(values, position++));
  }
  return position;
}

static MOTE_INLINED int32_t mote_walk_bitmap(const mote_weights* weights, int32_t channel,
                                             int32_t begin, int32_t end, int32_t position,
                                             mote_value value, mote_put put, mote_tile_sink* sink) {
  const uint8_t* bitmap = weights->data;
  const uint32_t length = (uint32_t)(weights->outer * weights->inner);
  const uint8_t* values = bitmap + ((uint32_t)weights->channels * length + 7) / 8;
  const uint32_t first = (uint32_t)channel * length + (uint32_t)begin;
  const uint32_t last = first + (uint32_t)(end - begin);
  for (uint32_t bit = first; bit < last;) {
    const uint32_t next = (bit / 8 + 1) * 8 < last ? (bit / 8 + 1) * 8 : last;
    const uint32_t bits = (uint32_t)bitmap[bit / 8] >> bit % 8 & ((1u << (next - bit)) - 1);
    position = mote_put_bits(bits, (int32_t)(bit - first), values, position, value, put, sink);
    bit = next;
  }
  return position;
}

#endif
