/* Quantize from float32 to uint8. Tested by quantize_test.cc and the golden operators. */
#include "runtime/exact_float.h"

#include "ops/quantize/quantize_kernels.h"
#include "runtime/arithmetic/affine.h"

MOTE_SHARED(mote_quantize_f32_u8)
void mote_quantize_f32_u8(const mote_quantize_f32_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      uint8_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++)
        output[i] =
            (uint8_t)mote_quantize_f32(input[i], params->scale, params->zero_point, 0, UINT8_MAX);
    }
}
