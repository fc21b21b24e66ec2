/* Sub on int8, the normative form: both terms in one fixed point, rescaled to the output. Tested by
 * sub_test.cc and the golden operators. */
#include "ops/sub/sub_kernels.h"

static int8_t subtract(const mote_sub_s8_params* params, int8_t a, int8_t b) {
  const int32_t difference =
      mote_sum_term(a - params->a_zero_point, MOTE_SUM_S8_LEFT_SHIFT, params->a_multiplier,
                    params->a_shift, params->rounding) -
      mote_sum_term(b - params->b_zero_point, MOTE_SUM_S8_LEFT_SHIFT, params->b_multiplier,
                    params->b_shift, params->rounding);
  const int32_t output = mote_requantize_rounded_s32(difference, params->output_multiplier,
                                                     params->output_shift, params->rounding) +
                         params->output_zero_point;
  return (int8_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_sub_s8)
void mote_sub_s8(const mote_sub_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int8_t* a = mote_const_row(&operands[MOTE_BINARY_A], image * params->a_image_step,
                                       row * params->a_row_step);
      const int8_t* b = mote_const_row(&operands[MOTE_BINARY_B], image * params->b_image_step,
                                       row * params->b_row_step);
      int8_t* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        for (int32_t c = 0; c < params->channels; c++)
          *output++ = subtract(params, a[x * params->a_width_step + c * params->a_channel_step],
                               b[x * params->b_width_step + c * params->b_channel_step]);
    }
}
