/* AveragePool2D on int8, the normative form: an exact sum, one rounding. Tested by
 * average_pool2d_test.cc and the golden operators. */
#include "ops/average_pool2d/average_pool2d_kernels.h"
#include "runtime/arithmetic/requantize.h"

typedef mote_average_pool2d_s8_params mote_pool_params;
typedef int8_t mote_pool_value;
#include "runtime/pool.h"

static mote_pool_value mote_pool_window(const mote_pool_params* params, const mote_operand* input,
                                        int32_t image, mote_pool_part at, int32_t channel) {
  int32_t sum = 0;
  for (int32_t y = at.y_begin; y < at.y_end; y++) {
    const int8_t* row = mote_const_row(input, image, y);
    for (int32_t x = at.x_begin; x < at.x_end; x++) sum += row[x * params->channels + channel];
  }
  const int32_t count = (at.y_end - at.y_begin) * (at.x_end - at.x_begin);
  return (int8_t)mote_clamp_s32(mote_rounded_average_s32(sum, count), params->activation_min,
                                params->activation_max);
}

MOTE_SHARED(mote_average_pool2d_s8)
void mote_average_pool2d_s8(const mote_average_pool2d_s8_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) mote_pool_row(params, operands, image, row);
}
