/* StridedSlice: a copy of bytes, blocks at a time. Tested by strided_slice_test.cc and the golden
 * operators. */
#include "ops/strided_slice/strided_slice_kernels.h"

static void slice_row(const mote_strided_slice_params* p, const uint8_t* input, uint8_t* output) {
  for (int32_t x = 0; x < p->width; x++)
    for (int32_t c = 0; c < p->channels; c++) {
      const uint8_t* block = input + x * p->width_step_bytes + c * p->channel_step_bytes;
      for (int32_t i = 0; i < p->block_bytes; i++) *output++ = block[i];
    }
}

MOTE_SHARED(mote_strided_slice)
void mote_strided_slice(const mote_strided_slice_params* p, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const uint8_t* input =
          mote_const_row(&operands[MOTE_UNARY_INPUT], p->begin_image + image * p->image_step,
                         p->begin_row + row * p->row_step);
      slice_row(p, input + p->begin_bytes, mote_row(&operands[MOTE_UNARY_OUTPUT], image, row));
    }
}
