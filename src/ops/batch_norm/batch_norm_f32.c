/* BatchNorm on float32, as the scale and offset that `lower` has made of its statistics. Tested by
 * batch_norm_test.cc. */
#include "runtime/exact_float.h"

#include "ops/batch_norm/batch_norm_kernels.h"

MOTE_SHARED(mote_batch_norm_f32)
void mote_batch_norm_f32(const mote_batch_norm_f32_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end) {
  const float* scale = operands[MOTE_BATCH_NORM_SCALE].constant;
  const float* offset = operands[MOTE_BATCH_NORM_OFFSET].constant;
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* input = mote_const_row(&operands[MOTE_BATCH_NORM_INPUT], image, row);
      float* output = mote_row(&operands[MOTE_BATCH_NORM_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        for (int32_t c = 0; c < params->channels; c++) *output++ = *input++ * scale[c] + offset[c];
    }
}
