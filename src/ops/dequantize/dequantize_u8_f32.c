/* Dequantize from uint8 to float32. Tested by dequantize_test.cc. */
#include "runtime/exact_float.h"

#include "ops/dequantize/dequantize_kernels.h"
#include "runtime/arithmetic/affine.h"

MOTE_SHARED(mote_dequantize_u8_f32)
void mote_dequantize_u8_f32(const mote_dequantize_s8_f32_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const uint8_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      float* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_elements; i++)
        output[i] = mote_dequantize_f32(input[i], params->scale, params->zero_point);
    }
}
