/* int16 activations in vectors: the names of lanes_s8.h, so that a kernel is written once for
 * both. Included after lanes_avx2.h or lanes_avx512.h. */
#ifndef MOTE_RUNTIME_LANES_S16_H
#define MOTE_RUNTIME_LANES_S16_H

typedef int16_t mote_input;
typedef int16_t mote_value;
enum { MOTE_NARROWED = 2 }; /* vectors of lanes that are narrowed at once */

MOTE_VECTOR mote_lanes mote_load_values(const mote_value* from, int32_t count) {
  return mote_load_s16(from, count);
}

MOTE_VECTOR mote_lanes mote_narrow(const mote_lanes values[MOTE_NARROWED], int32_t zero_point,
                                   int32_t min, int32_t max) {
  (void)zero_point; /* 0 */
  return mote_narrow_s16(values, min, max);
}

MOTE_VECTOR void mote_store_values(mote_value* to, int32_t count, mote_lanes narrow,
                                   int32_t which) {
  mote_store_s16(to, count, narrow, which);
}

/* ---- as factors: an element of a padded row, and the sums of products with it ---- */

enum { MOTE_STEP = MOTE_STEP_S16, MOTE_SUMS_MAY_BE_WIDE = 1 };
typedef int16_t mote_element;
typedef int16_t mote_weight;

MOTE_VECTOR mote_element mote_element_of(mote_input value, int32_t zero_point) {
  (void)zero_point; /* 0 */
  return value;
}

MOTE_VECTOR mote_lanes mote_interleave(const mote_element* row, int32_t next) {
  return mote_interleave_s16(row, next);
}

MOTE_VECTOR mote_lanes mote_dot(mote_lanes sums, mote_lanes inputs, mote_lanes weights) {
  return mote_dot_s16(sums, inputs, weights);
}

#endif
