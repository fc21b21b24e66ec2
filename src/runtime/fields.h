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

/* Field `index`, not what lies behind it. */
static MOTE_INLINED uint32_t mote_field(const uint8_t* fields, uint32_t index, int32_t bits) {
  const uint32_t bit = index * (uint32_t)bits;
  uint32_t held = fields[bit / 8];
  if (bit % 8 + (uint32_t)bits > 8) held |= (uint32_t)fields[bit / 8 + 1] << 8;
  return held >> bit % 8 & ((1u << bits) - 1);
}

/* Four fields of up to 7 bits, the first in the low bits, which begin in the middle of a byte or
 * with one. */
static MOTE_INLINED uint32_t mote_four_fields(const uint8_t* from, int32_t bit, int32_t bits) {
  const int32_t end = bit % 8 + 4 * bits;
  from += bit / 8;
  uint32_t held = from[0];
  if (end > 8) held |= (uint32_t)from[1] << 8;
  if (end > 16) held |= (uint32_t)from[2] << 16;
  if (end > 24) held |= (uint32_t)from[3] << 24;
  return held >> bit % 8;
}

static MOTE_INLINED void mote_put_four(uint32_t four, int32_t bits, int8_t* to,
                                       mote_field_weight weight_of, const uint8_t* table) {
  const uint32_t mask = (1u << bits) - 1;
  to[0] = weight_of(four & mask, bits, table);
  to[1] = weight_of(four >> bits & mask, bits, table);
  to[2] = weight_of(four >> 2 * bits & mask, bits, table);
  to[3] = weight_of(four >> 3 * bits & mask, bits, table);
}

/* The tile of channels [channel_begin, channel_end), of fields of 1 to 7 bits. Eight of them are
 * whole bytes. */
static MOTE_INLINED void mote_read_fields(const mote_weights* weights, const uint8_t* fields,
                                          int32_t bits, int32_t channel_begin, int32_t channel_end,
                                          int8_t* to, mote_field_weight weight_of,
                                          const uint8_t* table) {
  const int32_t inner = weights->inner;
  const uint32_t count = (uint32_t)((channel_end - channel_begin) * inner);
  for (int32_t o = 0; o < weights->outer; o++) {
    uint32_t at = (uint32_t)((o * weights->channels + channel_begin) * inner);
    const uint32_t end = at + count;
    for (; at < end; at++) {
      if (at % 8 == 0 && at + 8 <= end) {
        const uint8_t* from = fields + at / 8 * (uint32_t)bits;
        for (; at + 8 <= end; at += 8, to += 8, from += bits) {
          mote_put_four(mote_four_fields(from, 0, bits), bits, to, weight_of, table);
          mote_put_four(mote_four_fields(from, 4 * bits, bits), bits, to + 4, weight_of, table);
        }
        if (at == end) break;
      }
      *to++ = weight_of(mote_field(fields, at, bits), bits, table);
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
