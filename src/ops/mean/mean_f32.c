/* Mean on float32: the sum in the order of the elements, divided once. Tested by mean_test.cc and
 * the golden operators. */
#include "runtime/exact_float.h"

#include "ops/mean/mean_kernels.h"

/* Of the window whose first element is `channel` of column `x` of row `row` of image `image`. */
static float mean_of(const mote_mean_f32_params* p, const mote_operand* input, int32_t image,
                     int32_t row, int32_t x, int32_t channel) {
  float sum = 0.0f;
  for (int32_t i = 0; i < p->window_images; i++)
    for (int32_t j = 0; j < p->window_height; j++) {
      const float* line = mote_const_row(input, image + i, row + j);
      for (int32_t k = 0; k < p->window_width; k++) {
        const float* pixel = line + (x + k) * p->input_channels + channel;
        for (int32_t l = 0; l < p->window_channels; l++) sum += pixel[l];
      }
    }
  const int32_t area = p->window_height * p->window_width;
  return sum / (float)(p->window_images * area * p->window_channels);
}

MOTE_SHARED(mote_mean_f32)
void mote_mean_f32(const mote_mean_f32_params* p, const mote_operand* operands, int32_t row_begin,
                   int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      float* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t x = 0; x < p->width; x++)
        for (int32_t channel = 0; channel < p->channels; channel++)
          *output++ = mean_of(p, &operands[MOTE_UNARY_INPUT], image, row, x, channel);
    }
}
