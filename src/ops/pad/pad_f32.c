/* Pad on float32. Tested by pad_test.cc. */
#include "runtime/exact_float.h"

#include "ops/pad/pad_kernels.h"

typedef mote_pad_f32_params mote_pad_params;
typedef float mote_pad_element;
#include "ops/pad/pad_loop.h"

MOTE_SHARED(mote_pad_f32)
void mote_pad_f32(const mote_pad_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end) {
  mote_pad_rows(params, operands, row_begin, row_end);
}
