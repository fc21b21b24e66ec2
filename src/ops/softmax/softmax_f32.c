/* Softmax on float32, relative to the largest element, so that nothing overflows. Tested by
 * softmax_test.cc. */
#include "runtime/exact_float.h"

#include "ops/softmax/softmax_kernels.h"
#include "runtime/float_math.h"

static void softmax(const float* input, float* output, int32_t channels, float beta) {
  float largest = input[0];
  for (int32_t c = 1; c < channels; c++)
    if (input[c] > largest) largest = input[c];
  float sum = 0.0f;
  for (int32_t c = 0; c < channels; c++) {
    output[c] = mote_exp_f32((input[c] - largest) * beta);
    sum += output[c];
  }
  for (int32_t c = 0; c < channels; c++) output[c] /= sum;
}

MOTE_SHARED(mote_softmax_f32)
void mote_softmax_f32(const mote_softmax_f32_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      float* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        softmax(input + x * params->channels, output + x * params->channels, params->channels,
                params->beta);
    }
}
