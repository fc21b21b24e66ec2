/* float32 activations and weights in vectors: the names of lanes_s8.h, so that a kernel is written
 * once for all. Each lane adds up its products one by one, multiplied and then added, as the
 * reference kernels do. Included after lanes_avx2.h or lanes_avx512.h. */
#ifndef MOTE_RUNTIME_LANES_F32_H
#define MOTE_RUNTIME_LANES_F32_H

typedef float mote_input;
typedef float mote_value;

enum { MOTE_STEP = 1, MOTE_SUMS_MAY_BE_WIDE = 0, MOTE_SUMS_ARE_REAL = 1 };
typedef float mote_element;
typedef float mote_weight;

MOTE_VECTOR mote_element mote_element_of(mote_input value, int32_t zero_point) {
  (void)zero_point; /* 0 */
  return value;
}

MOTE_VECTOR mote_lanes mote_interleave(const mote_element* row, int32_t next) {
  (void)next;
  return mote_load(row);
}

MOTE_VECTOR mote_lanes mote_dot(mote_lanes sums, mote_lanes inputs, mote_lanes weights) {
  return mote_plus_f32(sums, mote_times_f32(weights, inputs));
}

#endif
