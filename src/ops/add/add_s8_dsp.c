/* Add on int8 for cores with the DSP extension, where every row of a and b is as long as the
 * output's (prepare_add): the term of the larger scale is exactly its value << 19, and the others
 * are rescaled by high products. Gives the bits of add_s8. Tested by
 * tests/differential/rows_test.cc. */
#include "ops/add/add_kernels.h"
#include "runtime/arithmetic/requantize_dsp.h"

/* What rescales a and b, and their sum. */
typedef struct add_dsp {
  mote_dsp_rescaling a, b, output;
} add_dsp;

static MOTE_INLINED int32_t term(int32_t value, const mote_dsp_rescaling* r, int half) {
  const int32_t raised = mote_shift_left_s32(value, MOTE_SUM_S8_LEFT_SHIFT - half);
  return half ? raised : mote_rescale_dsp(raised, r, 0);
}

static MOTE_INLINED void add(const mote_add_s8_params* params, const add_dsp* rescalings,
                             const int8_t* a, const int8_t* b, int8_t* output, int a_half,
                             int b_half) {
  const mote_add_s8_params p = *params;
  const add_dsp r = *rescalings;
  for (const int8_t* end = a + p.width * p.channels; a != end; a++, b++, output++) {
    const int32_t sum =
        term(*a - p.a_zero_point, &r.a, a_half) + term(*b - p.b_zero_point, &r.b, b_half);
    const int32_t value = mote_rescale_dsp(sum, &r.output, p.output_zero_point);
    *output = (int8_t)mote_clamp_s32(value, p.activation_min, p.activation_max);
  }
}

MOTE_SHARED(mote_add_s8_dsp)
void mote_add_s8_dsp(const mote_add_s8_params* p, const mote_operand* operands, int32_t row_begin,
                     int32_t row_end) {
  const add_dsp r = {mote_dsp_rescaling_of(p->a_multiplier, p->a_shift),
                     mote_dsp_rescaling_of(p->b_multiplier, p->b_shift),
                     mote_dsp_rescaling_of(p->output_multiplier, p->output_shift)};
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int8_t* a =
          mote_const_row(&operands[MOTE_BINARY_A], image * p->a_image_step, row * p->a_row_step);
      const int8_t* b =
          mote_const_row(&operands[MOTE_BINARY_B], image * p->b_image_step, row * p->b_row_step);
      int8_t* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      if (mote_dsp_halves(&r.a))
        add(p, &r, a, b, output, 1, 0);
      else if (mote_dsp_halves(&r.b))
        add(p, &r, a, b, output, 0, 1);
      else
        add(p, &r, a, b, output, 0, 0);
    }
}
