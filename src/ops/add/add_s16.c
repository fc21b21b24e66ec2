/* Add on int16, the normative form: both terms in one fixed point, rescaled to the output. Tested
 * by add_test.cc and the golden operators. */
#include "ops/add/add_kernels.h"

/* Runtimes that round once round twice here all the same, so params->rounding is not read. */
static int16_t add(const mote_add_s8_params* params, int16_t a, int16_t b) {
  const int32_t sum = mote_sum_term(a, MOTE_SUM_S16_LEFT_SHIFT, params->a_multiplier,
                                    params->a_shift, MOTE_ROUNDING_DOUBLE) +
                      mote_sum_term(b, MOTE_SUM_S16_LEFT_SHIFT, params->b_multiplier,
                                    params->b_shift, MOTE_ROUNDING_DOUBLE);
  const int32_t output = mote_requantize_s32(sum, params->output_multiplier, params->output_shift);
  return (int16_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_add_s16)
void mote_add_s16(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int16_t* a = mote_const_row(&operands[MOTE_BINARY_A], image * params->a_image_step,
                                        row * params->a_row_step);
      const int16_t* b = mote_const_row(&operands[MOTE_BINARY_B], image * params->b_image_step,
                                        row * params->b_row_step);
      int16_t* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        for (int32_t c = 0; c < params->channels; c++)
          *output++ = add(params, a[x * params->a_width_step + c * params->a_channel_step],
                          b[x * params->b_width_step + c * params->b_channel_step]);
    }
}
