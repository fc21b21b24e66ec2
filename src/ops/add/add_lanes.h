/* Add in vectors, for the processor of lanes_avx2.h or lanes_avx512.h and the type of lanes_s8.h
 * or lanes_s16.h, included before: bit-identical with add_s8.c and add_s16.c, where every row of a
 * and b is as long as the output's (prepare_add). Tested by tests/differential/rows_test.cc. */
#ifndef MOTE_OPS_ADD_ADD_LANES_H
#define MOTE_OPS_ADD_ADD_LANES_H

#include "ops/add/add_kernels.h"

typedef struct add_rescalings {
  mote_rescaling a, b, output;
} add_rescalings;

MOTE_VECTOR mote_rescaling add_rescaling(int32_t multiplier, int32_t shift, int32_t raise) {
  return mote_rescaling_of(mote_broadcast(&multiplier), mote_broadcast(&shift), raise);
}

MOTE_VECTOR mote_lanes add_term(const mote_value* from, int32_t count, int32_t zero_point,
                                const mote_rescaling* rescaling) {
  const mote_lanes value = mote_subtract(mote_load_values(from, count), zero_point);
  return mote_rescale(value, rescaling);
}

/* As many values as are narrowed at once, or the `left` last. */
MOTE_VECTOR void add_values(const mote_add_s8_params* p, const add_rescalings* r,
                            const mote_value* a, const mote_value* b, mote_value* output,
                            int32_t left) {
  mote_lanes sums[MOTE_NARROWED];
  for (int32_t i = 0; i < MOTE_NARROWED; i++) {
    const int32_t at = i * MOTE_LANES < left ? i * MOTE_LANES : 0;
    const mote_lanes sum = mote_add(add_term(a + at, left - at, p->a_zero_point, &r->a),
                                    add_term(b + at, left - at, p->b_zero_point, &r->b));
    sums[i] = mote_rescale(sum, &r->output);
  }
  const mote_lanes narrow =
      mote_narrow(sums, p->output_zero_point, p->activation_min, p->activation_max);
  for (int32_t i = 0; i < MOTE_NARROWED && i * MOTE_LANES < left; i++)
    mote_store_values(output + i * MOTE_LANES, left - i * MOTE_LANES, narrow, i);
}

/* `left_shift` as in the reference kernel. */
MOTE_VECTOR void add_rows(const mote_add_s8_params* p, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end, int32_t left_shift) {
  const add_rescalings rescalings = {
      add_rescaling(p->a_multiplier, p->a_shift, left_shift),
      add_rescaling(p->b_multiplier, p->b_shift, left_shift),
      add_rescaling(p->output_multiplier, p->output_shift, 0),
  };
  const int32_t elements = p->width * p->channels;
  const int32_t whole = elements / (MOTE_NARROWED * MOTE_LANES) * (MOTE_NARROWED * MOTE_LANES);
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const mote_value* a =
          mote_const_row(&operands[MOTE_BINARY_A], image * p->a_image_step, row * p->a_row_step);
      const mote_value* b =
          mote_const_row(&operands[MOTE_BINARY_B], image * p->b_image_step, row * p->b_row_step);
      mote_value* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      for (int32_t i = 0; i < whole; i += MOTE_NARROWED * MOTE_LANES)
        add_values(p, &rescalings, a + i, b + i, output + i, MOTE_NARROWED * MOTE_LANES);
      if (whole < elements)
        add_values(p, &rescalings, a + whole, b + whole, output + whole, elements - whole);
    }
}

#endif
