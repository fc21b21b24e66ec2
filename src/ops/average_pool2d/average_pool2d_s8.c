/* AveragePool2D on int8, the normative form: an exact sum, one rounding. Tested by
 * average_pool2d_test.cc and the golden operators. */
#include "ops/average_pool2d/average_pool2d_kernels.h"
#include "runtime/arithmetic/requantize.h"

/* The part of a window inside the image. */
typedef struct window {
  int32_t y_begin, y_end, x_begin, x_end;
} window;

static int8_t average(const mote_average_pool2d_s8_params* params, const mote_operand* input,
                      int32_t image, window at, int32_t channel) {
  int32_t sum = 0;
  for (int32_t y = at.y_begin; y < at.y_end; y++) {
    const int8_t* row = mote_const_row(input, image, y);
    for (int32_t x = at.x_begin; x < at.x_end; x++) sum += row[x * params->channels + channel];
  }
  const int32_t count = (at.y_end - at.y_begin) * (at.x_end - at.x_begin);
  return (int8_t)mote_clamp_s32(mote_rounded_average_s32(sum, count), params->activation_min,
                                params->activation_max);
}

static void pool_row(const mote_average_pool2d_s8_params* params, const mote_operand* operands,
                     int32_t image, int32_t row) {
  const int32_t top = row * params->stride_height - params->padding_top;
  int8_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
  window at;
  at.y_begin = mote_max_s32(top, 0);
  at.y_end = mote_min_s32(top + params->window_height, params->input_height);
  for (int32_t x = 0; x < params->output_width; x++) {
    const int32_t left = x * params->stride_width - params->padding_left;
    at.x_begin = mote_max_s32(left, 0);
    at.x_end = mote_min_s32(left + params->window_width, params->input_width);
    for (int32_t channel = 0; channel < params->channels; channel++)
      *output++ = average(params, &operands[MOTE_UNARY_INPUT], image, at, channel);
  }
}

void mote_average_pool2d_s8(const mote_average_pool2d_s8_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) pool_row(params, operands, image, row);
}
