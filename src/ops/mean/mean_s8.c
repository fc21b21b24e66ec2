/* Mean on int8, the normative form: an exact sum, then one rescaling that also divides. Tested by
 * mean_test.cc and the golden operators. */
#include "ops/mean/mean_kernels.h"
#include "runtime/arithmetic/requantize.h"

/* Of the window whose first element is `channel` of column `x` of row `row` of image `image`. */
static int32_t sum_of(const mote_mean_s8_params* p, const mote_operand* input, int32_t image,
                      int32_t row, int32_t x, int32_t channel) {
  int32_t sum = 0;
  for (int32_t i = 0; i < p->window_images; i++)
    for (int32_t j = 0; j < p->window_height; j++) {
      const int8_t* line = mote_const_row(input, image + i, row + j);
      for (int32_t k = 0; k < p->window_width; k++) {
        const int8_t* pixel = line + (x + k) * p->input_channels + channel;
        for (int32_t l = 0; l < p->window_channels; l++) sum += pixel[l];
      }
    }
  return sum;
}

static int8_t mean_of(const mote_mean_s8_params* p, int32_t sum) {
  const int32_t mean =
      mote_requantize_rounded_s32(sum - p->zero_point_sum, p->multiplier, p->shift, p->rounding) +
      p->output_zero_point;
  return (int8_t)mote_clamp_s32(mean, INT8_MIN, INT8_MAX);
}

MOTE_SHARED(mote_mean_s8)
void mote_mean_s8(const mote_mean_s8_params* p, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      int8_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t x = 0; x < p->width; x++)
        for (int32_t channel = 0; channel < p->channels; channel++)
          *output++ = mean_of(p, sum_of(p, &operands[MOTE_UNARY_INPUT], image, row, x, channel));
    }
}
