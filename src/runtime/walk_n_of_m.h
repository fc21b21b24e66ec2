/* The walk through N of M: of every M = 2^B neighbours of a channel, [outer, inner] in a row and
 * filled up to a multiple of M, N are kept. Byte 0 is N, byte 1 is B; then come the places of the N
 * within their M, rising, B bits each from the low bits of each byte up; behind their last byte and
 * one more the values. For the decoders of n_of_m and n_of_m4. */
#ifndef MOTE_RUNTIME_WALK_N_OF_M_H
#define MOTE_RUNTIME_WALK_N_OF_M_H

#include "runtime/sparse_decode.h"

static MOTE_INLINED int32_t mote_walk_n_of_m(const mote_weights* weights, int32_t channel,
                                             int32_t begin, int32_t end, int32_t position,
                                             mote_value value, mote_put put, mote_tile_sink* sink) {
  const uint8_t* data = weights->data;
  const uint32_t n = data[0];
  const uint32_t bits = data[1];
  const uint32_t mask = (1u << bits) - 1;
  const uint8_t* places = data + 2;
  const uint32_t groups = ((uint32_t)(weights->outer * weights->inner) + mask) >> bits;
  const uint8_t* values = places + ((uint32_t)weights->channels * groups * n * bits + 7) / 8 + 1;
  /* Of groups that two walks share, each takes what lies in its part. */
  uint32_t index = ((uint32_t)channel * groups + ((uint32_t)begin >> bits)) * n;
  for (uint32_t first = (uint32_t)begin & ~mask; first < (uint32_t)end; first += mask + 1)
    for (uint32_t k = 0; k < n; k++, index++) {
      const uint8_t* field = places + index * bits / 8;
      const uint32_t two = (uint32_t)field[0] | (uint32_t)field[1] << 8;
      const int32_t at = (int32_t)(first + (two >> index * bits % 8 & mask));
      if (at >= begin && at < end) put(sink, at - begin, value(values, (int32_t)index));
    }
  return position;
}

#endif
