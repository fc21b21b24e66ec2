/* Relu6 on float32. Tested by relu6_test.cc. */
#include "runtime/exact_float.h"

#include "ops/relu6/relu6_kernels.h"
#include "runtime/float_math.h"

MOTE_SHARED(mote_relu6_f32)
void mote_relu6_f32(const mote_relu6_f32_params* params, const mote_operand* operands,
                    int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      float* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++)
        output[i] = mote_clamp_f32(input[i], 0.0f, 6.0f);
    }
}
