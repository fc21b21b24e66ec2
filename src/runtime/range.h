/* What the decoder of storage range and its encoder, deploy/storage/encode_range.cc, share: the
 * bits that say a weight, and how likely each is by those before it. Tested by
 * tests/differential/storage_test.cc.
 *
 * Of a weight w first comes the length of |w| in bits: a 1 for each, and behind less than eight a
 * 0. Where it is not 0, the bits of 2 |w| + (w < 0) follow, highest first, without the first of
 * them, which is 1. Each bit of the length, and each bit behind it by the length and by what comes
 * before, has a probability of its own: 1/2 at first, then moved towards what comes by a share of
 * the distance. That share is 1/2 at first, and of each share a the next is a - a^2, about 1/n,
 * until this rounds to a: at 1/129. So what is rare is never less probable than the share. */
#ifndef MOTE_RUNTIME_RANGE_H
#define MOTE_RUNTIME_RANGE_H

#include "runtime/operand.h"

enum {
  MOTE_RANGE_ONE = 1 << 14, /* what shares and probabilities are of */
  MOTE_RANGE_LENGTHS = 8,   /* of an int8 weight that is not 0 */
  MOTE_RANGE_PLACES = 4,    /* behind 1, 2 and 3, and behind all others */
  MOTE_RANGE_BITS = MOTE_RANGE_LENGTHS * (1 + MOTE_RANGE_PLACES),
  /* A range is at least this before it is divided, so that the least share has a part of it. */
  MOTE_RANGE_LEAST = 256
};

/* What is known of a bit. */
typedef struct mote_range_bit {
  uint16_t zero; /* the probability that it is 0 */
  uint16_t rate; /* the share of the distance by which the next one moves this */
} mote_range_bit;

static inline mote_range_bit mote_range_unknown(void) {
  const mote_range_bit bit = {MOTE_RANGE_ONE / 2, MOTE_RANGE_ONE / 2};
  return bit;
}

/* The number of the bit behind `before`, of a weight of so many bits; those of the length are 0 to
 * 7. */
static inline uint32_t mote_range_place(uint32_t length, uint32_t before) {
  const uint32_t behind = before < MOTE_RANGE_PLACES ? before : (uint32_t)MOTE_RANGE_PLACES;
  return MOTE_RANGE_LENGTHS + MOTE_RANGE_PLACES * (length - 1) + behind - 1;
}

/* The part of a range, below 2^16, that stands for a 0. */
static inline uint32_t mote_range_of_zero(mote_range_bit bit, uint32_t range) {
  return range * bit.zero / MOTE_RANGE_ONE;
}

static inline mote_range_bit mote_range_after(mote_range_bit bit, uint32_t one) {
  const uint32_t zero = bit.zero, rate = bit.rate;
  mote_range_bit next;
  next.zero = (uint16_t)(one ? zero - zero * rate / MOTE_RANGE_ONE
                             : zero + (MOTE_RANGE_ONE - zero) * rate / MOTE_RANGE_ONE);
  next.rate = (uint16_t)(rate - rate * rate / MOTE_RANGE_ONE);
  return next;
}

#endif
