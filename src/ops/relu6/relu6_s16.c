/* Relu6 on int16: a clamp, nothing is rescaled. Tested by relu6_test.cc and the golden operators.
 */
#include "ops/relu6/relu6_kernels.h"
#include "runtime/arithmetic/bits.h"

MOTE_SHARED(mote_relu6_s16)
void mote_relu6_s16(const mote_relu6_s8_params* params, const mote_operand* operands,
                    int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int16_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      int16_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++)
        output[i] =
            (int16_t)mote_clamp_s32(input[i], params->activation_min, params->activation_max);
    }
}
