/* Split: a copy of bytes, blocks at a time. Tested by split_test.cc and the golden operators. */
#include "ops/split/split_kernels.h"

MOTE_SHARED(mote_split)
void mote_split(const mote_split_params* params, const mote_operand* operands, int32_t row_begin,
                int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const uint8_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT],
                                            params->begin_image + image, params->begin_row + row);
      uint8_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      input += params->begin_bytes;
      for (int32_t b = 0; b < params->blocks; b++, input += params->block_step_bytes)
        for (int32_t i = 0; i < params->block_bytes; i++) *output++ = input[i];
    }
}
