/* Quantize from int8 to int16. Tested by quantize_test.cc and the golden operators. */
#include "ops/quantize/quantize_kernels.h"
#include "runtime/arithmetic/requantize.h"

MOTE_SHARED(mote_quantize_s8_s16)
void mote_quantize_s8_s16(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int8_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      int16_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++) {
        const int32_t rescaled =
            mote_requantize_rounded_s32(input[i] - params->input_zero_point, params->multiplier,
                                        params->shift, params->rounding) +
            params->output_zero_point;
        output[i] = (int16_t)mote_clamp_s32(rescaled, INT16_MIN, INT16_MAX);
      }
    }
}
