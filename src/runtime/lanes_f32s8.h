/* int8 weights on activations that were quantized on the fly, for float32 outputs, in vectors: the
 * names of lanes_s8.h, so that a kernel is written once for all. The zero point is the image's own,
 * so it is taken off the inputs, which makes them 16 bits. Included after lanes_avx2.h or
 * lanes_avx512.h. */
#ifndef MOTE_RUNTIME_LANES_F32S8_H
#define MOTE_RUNTIME_LANES_F32S8_H

typedef int8_t mote_input;
typedef float mote_value;

enum { MOTE_STEP = MOTE_STEP_S16, MOTE_SUMS_MAY_BE_WIDE = 0, MOTE_SUMS_ARE_REAL = 0 };
typedef int16_t mote_element;
typedef int16_t mote_weight;

MOTE_VECTOR mote_element mote_element_of(mote_input value, int32_t zero_point) {
  return (mote_element)(value - zero_point);
}

MOTE_VECTOR mote_lanes mote_interleave(const mote_element* row, int32_t next) {
  return mote_interleave_s16(row, next);
}

MOTE_VECTOR mote_lanes mote_dot(mote_lanes sums, mote_lanes inputs, mote_lanes weights) {
  return mote_dot_s16(sums, inputs, weights);
}

#endif
