/* LeakyRelu on int16, the normative form: as on int8, with zero points of 0.
 * Tested by leaky_relu_test.cc and the golden operators. */
#include "ops/leaky_relu/leaky_relu_kernels.h"
#include "runtime/arithmetic/requantize.h"

static int16_t leaky_relu(const mote_leaky_relu_s8_params* params, int16_t input) {
  const int32_t value = input - params->input_zero_point;
  const int32_t rescaled =
      value < 0 ? mote_requantize_rounded_s32(value, params->negative_multiplier,
                                              params->negative_shift, params->rounding)
                : mote_requantize_rounded_s32(value, params->positive_multiplier,
                                              params->positive_shift, params->rounding);
  return (int16_t)mote_clamp_s32(rescaled + params->output_zero_point, INT16_MIN, INT16_MAX);
}

MOTE_SHARED(mote_leaky_relu_s16)
void mote_leaky_relu_s16(const mote_leaky_relu_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int16_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      int16_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++) output[i] = leaky_relu(params, input[i]);
    }
}
