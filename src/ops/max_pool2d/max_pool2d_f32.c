/* MaxPool2D on float32. Tested by max_pool2d_test.cc. */
#include "runtime/exact_float.h"

#include <float.h>

#include "ops/max_pool2d/max_pool2d_kernels.h"
#include "runtime/float_math.h"

typedef mote_max_pool2d_f32_params mote_pool_params;
typedef float mote_pool_value;
#include "runtime/pool.h"

static mote_pool_value mote_pool_window(const mote_pool_params* params, const mote_operand* input,
                                        int32_t image, mote_pool_part at, int32_t channel) {
  float result = -FLT_MAX;
  for (int32_t y = at.y_begin; y < at.y_end; y++) {
    const float* row = mote_const_row(input, image, y);
    for (int32_t x = at.x_begin; x < at.x_end; x++) {
      const float element = row[x * params->channels + channel];
      if (element > result) result = element;
    }
  }
  return mote_clamp_f32(result, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_max_pool2d_f32)
void mote_max_pool2d_f32(const mote_max_pool2d_f32_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) mote_pool_row(params, operands, image, row);
}
