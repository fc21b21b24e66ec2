/* Two int16 in a word, the first in the low half, and what the DSP extension of Armv7E-M and
 * Armv8-M does with them. Each function has a portable body that gives the same bits, so kernels
 * written with them run everywhere. Tested by pairs_test.cc. */
#ifndef MOTE_RUNTIME_PAIRS_H
#define MOTE_RUNTIME_PAIRS_H

#include <stdint.h>

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FEATURE_SIMD32) && defined(__thumb2__)
#include <arm_acle.h>
#define MOTE_HAS_PAIRS 1
#else
#define MOTE_HAS_PAIRS 0
#endif

typedef uint32_t mote_pair;

static inline mote_pair mote_make_pair(int32_t first, int32_t second) {
  return ((uint32_t)first & 0xFFFF) | (uint32_t)second << 16;
}

static inline int32_t mote_first_of_pair(mote_pair pair) {
  return (int16_t)(pair & 0xFFFF);
}

static inline int32_t mote_second_of_pair(mote_pair pair) {
  return (int16_t)(pair >> 16);
}

/* Two neighbours at any address. */
static inline mote_pair mote_load_pair(const int16_t* from) {
#if MOTE_HAS_PAIRS
  mote_pair pair;
  __builtin_memcpy(&pair, from, sizeof pair);
  return pair;
#else
  return mote_make_pair(from[0], from[1]);
#endif
}

static inline void mote_store_pair(int16_t* to, mote_pair pair) {
#if MOTE_HAS_PAIRS
  __builtin_memcpy(to, &pair, sizeof pair);
#else
  to[0] = (int16_t)mote_first_of_pair(pair);
  to[1] = (int16_t)mote_second_of_pair(pair);
#endif
}

/* sum + a.first * b.first + a.second * b.second, modulo 2^32. */
static inline int32_t mote_add_products(mote_pair a, mote_pair b, int32_t sum) {
#if MOTE_HAS_PAIRS
  return __smlad((int16x2_t)a, (int16x2_t)b, sum);
#else
  const int32_t first = mote_first_of_pair(a) * mote_first_of_pair(b);
  const int32_t second = mote_second_of_pair(a) * mote_second_of_pair(b);
  return (int32_t)((uint32_t)sum + (uint32_t)first + (uint32_t)second);
#endif
}

/* sum + a.first * b.first. */
static inline int32_t mote_add_first_product(mote_pair a, mote_pair b, int32_t sum) {
#if MOTE_HAS_PAIRS
  return __smlabb((int32_t)a, (int32_t)b, sum);
#else
  return (int32_t)((uint32_t)sum + (uint32_t)(mote_first_of_pair(a) * mote_first_of_pair(b)));
#endif
}

/* sum + a.second * b.second. */
static inline int32_t mote_add_second_product(mote_pair a, mote_pair b, int32_t sum) {
#if MOTE_HAS_PAIRS
  return __smlatt((int32_t)a, (int32_t)b, sum);
#else
  return (int32_t)((uint32_t)sum + (uint32_t)(mote_second_of_pair(a) * mote_second_of_pair(b)));
#endif
}

/* sum + a.first * b.second, and the other way round. */
static inline int32_t mote_add_first_by_second(mote_pair a, mote_pair b, int32_t sum) {
#if MOTE_HAS_PAIRS
  return __smlabt((int32_t)a, (int32_t)b, sum);
#else
  return (int32_t)((uint32_t)sum + (uint32_t)(mote_first_of_pair(a) * mote_second_of_pair(b)));
#endif
}

static inline int32_t mote_add_second_by_first(mote_pair a, mote_pair b, int32_t sum) {
  return mote_add_first_by_second(b, a, sum);
}

/* The first of both, and the second of both. */
static inline mote_pair mote_firsts_of_pairs(mote_pair a, mote_pair b) {
#if MOTE_HAS_PAIRS
  mote_pair result; /* GCC 12 makes two or three instructions of it. */
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(result) : "r"(a), "r"(b));
  return result;
#else
  return (a & 0xFFFF) | b << 16;
#endif
}

static inline mote_pair mote_seconds_of_pairs(mote_pair a, mote_pair b) {
#if MOTE_HAS_PAIRS
  mote_pair result;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(result) : "r"(b), "r"(a));
  return result;
#else
  return a >> 16 | (b & 0xFFFF0000);
#endif
}

/* Four neighbours at any address: the first and third as a pair, and the second and fourth. */
static inline void mote_split_four(const int8_t* from, mote_pair* even, mote_pair* odd) {
#if MOTE_HAS_PAIRS
  uint32_t four;
  __builtin_memcpy(&four, from, sizeof four);
  *even = (mote_pair)__sxtb16((int8x4_t)four);
  /* No intrinsic of GCC's turns before it widens. */
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(*odd) : "r"(four));
#else
  *even = mote_make_pair(from[0], from[2]);
  *odd = mote_make_pair(from[1], from[3]);
#endif
}

/* Whether four neighbours at any address are 0. */
static inline int mote_four_are_zero(const int8_t* from) {
#if MOTE_HAS_PAIRS
  uint32_t four;
  __builtin_memcpy(&four, from, sizeof four);
  return four == 0;
#else
  return (from[0] | from[1] | from[2] | from[3]) == 0;
#endif
}

/* Four neighbours at any address as pairs[0] and pairs[1]. */
static inline void mote_widen_four(const int8_t* from, mote_pair* pairs) {
  mote_pair even, odd;
  mote_split_four(from, &even, &odd);
  pairs[0] = mote_firsts_of_pairs(even, odd);
  pairs[1] = mote_seconds_of_pairs(even, odd);
}

#endif
