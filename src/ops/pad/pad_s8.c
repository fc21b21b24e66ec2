/* Pad on int8: the border is an integer of the tensor's own quantization. Tested by pad_test.cc. */
#include "ops/pad/pad_kernels.h"

typedef mote_pad_s8_params mote_pad_params;
typedef int8_t mote_pad_element;
#include "ops/pad/pad_loop.h"

MOTE_SHARED(mote_pad_s8)
void mote_pad_s8(const mote_pad_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end) {
  mote_pad_rows(params, operands, row_begin, row_end);
}
