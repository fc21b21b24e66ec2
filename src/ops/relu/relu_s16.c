/* Relu on int16, the normative form: as on int8, with zero points of 0. Tested by relu_test.cc and
 * the golden operators. */
#include "ops/relu/relu_kernels.h"
#include "runtime/arithmetic/requantize.h"

MOTE_SHARED(mote_relu_s16)
void mote_relu_s16(const mote_relu_s8_params* params, const mote_operand* operands,
                   int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int16_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      int16_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++) {
        const int32_t rescaled =
            mote_requantize_rounded_s32(input[i] - params->input_zero_point, params->multiplier,
                                        params->shift, params->rounding) +
            params->output_zero_point;
        output[i] =
            (int16_t)mote_clamp_s32(rescaled, params->activation_min, params->activation_max);
      }
    }
}
