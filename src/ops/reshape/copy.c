/* A copy of bytes. Tested by reshape_test.cc. */
#include "ops/reshape/reshape_kernels.h"

MOTE_SHARED(mote_copy)
void mote_copy(const mote_copy_params* params, const mote_operand* operands, int32_t row_begin,
               int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const uint8_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      uint8_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t i = 0; i < params->row_bytes; i++) output[i] = input[i];
    }
}
