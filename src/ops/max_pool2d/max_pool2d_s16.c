/* MaxPool2D on int16: what is largest is so before and after quantization. Tested by
 * max_pool2d_test.cc and the golden operators. */
#include "ops/max_pool2d/max_pool2d_kernels.h"

typedef mote_max_pool2d_s8_params mote_pool_params;
typedef int16_t mote_pool_value;
#include "runtime/pool.h"

static mote_pool_value mote_pool_window(const mote_pool_params* params, const mote_operand* input,
                                        int32_t image, mote_pool_part at, int32_t channel) {
  int32_t result = params->activation_min;
  for (int32_t y = at.y_begin; y < at.y_end; y++) {
    const int16_t* row = mote_const_row(input, image, y);
    for (int32_t x = at.x_begin; x < at.x_end; x++)
      result = mote_max_s32(result, row[x * params->channels + channel]);
  }
  return (int16_t)mote_min_s32(result, params->activation_max);
}

MOTE_SHARED(mote_max_pool2d_s16)
void mote_max_pool2d_s16(const mote_max_pool2d_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) mote_pool_row(params, operands, image, row);
}
