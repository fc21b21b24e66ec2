/* Weights as fields of so many bits, one behind the other in the order of the tensor, from the low
 * bits of each byte up: what the decoders of dense2 to dense7 and palette share. Tested by
 * tests/differential/storage_test.cc. */
#ifndef MOTE_RUNTIME_FIELDS_H
#define MOTE_RUNTIME_FIELDS_H

#include "runtime/operand.h"

/* The weight that a field stands for. */
typedef int8_t (*mote_field_weight)(uint32_t field, int32_t bits, const uint8_t* table);

static MOTE_INLINED int8_t mote_twos_complement(uint32_t field, int32_t bits,
                                                const uint8_t* table) {
  (void)table;
  const int32_t half = 1 << (bits - 1);
  return (int8_t)(((int32_t)field ^ half) - half);
}

/* The tile of channels [channel_begin, channel_end), of fields of 1 to 8 bits. */
static MOTE_INLINED void mote_read_fields(const mote_weights* weights, const uint8_t* fields,
                                          int32_t bits, int32_t channel_begin, int32_t channel_end,
                                          int8_t* to, mote_field_weight weight_of,
                                          const uint8_t* table) {
  const int32_t inner = weights->inner;
  const int32_t count = (channel_end - channel_begin) * inner;
  const int32_t stride = weights->channels * inner;
  const uint32_t mask = (1u << bits) - 1;
  for (int32_t o = 0; o < weights->outer; o++) {
    const uint32_t bit = (uint32_t)(o * stride + channel_begin * inner) * (uint32_t)bits;
    const uint8_t* from = fields + bit / 8;
    uint32_t held = (uint32_t)*from++ >> bit % 8; /* and how many bits of it are left: */
    int32_t left = 8 - (int32_t)(bit % 8);
    for (const int8_t* end = to + count; to < end; left -= bits, held >>= bits) {
      if (left < bits) {
        held |= (uint32_t)*from++ << left;
        left += 8;
      }
      *to++ = weight_of(held & mask, bits, table);
    }
  }
}

/* The decoder of dense2, and so on. */
static MOTE_INLINED void mote_decode_dense(const mote_weights* weights, int32_t bits,
                                           int32_t channel_begin, int32_t channel_end, void* tile) {
  const mote_weights fields = *weights; /* so that no store into the tile can have changed them */
  mote_read_fields(&fields, (const uint8_t*)fields.data, bits, channel_begin, channel_end,
                   (int8_t*)tile, mote_twos_complement, NULL);
}

#endif
