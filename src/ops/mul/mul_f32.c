/* Mul on float32, with broadcasting by steps. Tested by mul_test.cc. */
#include "runtime/exact_float.h"

#include "ops/mul/mul_kernels.h"
#include "runtime/float_math.h"

MOTE_SHARED(mote_mul_f32)
void mote_mul_f32(const mote_mul_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* a = mote_const_row(&operands[MOTE_BINARY_A], image * params->a_image_step,
                                      row * params->a_row_step);
      const float* b = mote_const_row(&operands[MOTE_BINARY_B], image * params->b_image_step,
                                      row * params->b_row_step);
      float* output = mote_row(&operands[MOTE_BINARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        for (int32_t c = 0; c < params->channels; c++) {
          const float product = a[x * params->a_width_step + c * params->a_channel_step] *
                                b[x * params->b_width_step + c * params->b_channel_step];
          *output++ = mote_clamp_f32(product, params->activation_min, params->activation_max);
        }
    }
}
