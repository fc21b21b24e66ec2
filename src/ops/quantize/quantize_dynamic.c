/* Quantization on the fly, of whole images: two passes over each, one for its range and one for its
 * integers. Tested by quantize_dynamic_test.cc. */
#include "runtime/exact_float.h"

#include "ops/quantize/quantize_kernels.h"
#include "runtime/arithmetic/dynamic.h"

static mote_dynamic_scale scale_of(const mote_quantize_dynamic_params* p, const float* input) {
  float min = 0.0f, max = 0.0f;
  for (int32_t i = 0; i < p->row_elements; i++) {
    if (input[i] < min) min = input[i];
    if (input[i] > max) max = input[i];
  }
  return p->asymmetric ? mote_asymmetric_scale(min, max) : mote_symmetric_scale(min, max);
}

MOTE_SHARED(mote_quantize_dynamic)
void mote_quantize_dynamic(const mote_quantize_dynamic_params* p, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* input = mote_const_row(&operands[MOTE_QUANTIZE_DYNAMIC_INPUT], image, row);
      const mote_dynamic_scale by = scale_of(p, input);
      *(float*)mote_row(&operands[MOTE_QUANTIZE_DYNAMIC_SCALE], image, row) = by.scale;
      *(int32_t*)mote_row(&operands[MOTE_QUANTIZE_DYNAMIC_ZERO_POINT], image, row) = by.zero_point;
      int8_t* output = mote_row(&operands[MOTE_QUANTIZE_DYNAMIC_OUTPUT], image, row);
      for (int32_t i = 0; i < p->row_elements; i++)
        output[i] = (int8_t)mote_quantize_dynamic_f32(input[i], by);
    }
}
