/* MaxPool2D on int16: what is largest is so before and after quantization. Tested by
 * max_pool2d_test.cc and the golden operators. */
#include "ops/max_pool2d/max_pool2d_kernels.h"
#include "runtime/arithmetic/bits.h"

/* The part of a window inside the image. */
typedef struct window {
  int32_t y_begin, y_end, x_begin, x_end;
} window;

static int16_t largest(const mote_max_pool2d_s8_params* params, const mote_operand* input,
                       int32_t image, window at, int32_t channel) {
  int32_t result = params->activation_min;
  for (int32_t y = at.y_begin; y < at.y_end; y++) {
    const int16_t* row = mote_const_row(input, image, y);
    for (int32_t x = at.x_begin; x < at.x_end; x++)
      result = mote_max_s32(result, row[x * params->channels + channel]);
  }
  return (int16_t)mote_min_s32(result, params->activation_max);
}

static void pool_row(const mote_max_pool2d_s8_params* params, const mote_operand* operands,
                     int32_t image, int32_t row) {
  const int32_t top = row * params->stride_height - params->padding_top;
  int16_t* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
  window at;
  at.y_begin = mote_max_s32(top, 0);
  at.y_end = mote_min_s32(top + params->window_height, params->input_height);
  for (int32_t x = 0; x < params->output_width; x++) {
    const int32_t left = x * params->stride_width - params->padding_left;
    at.x_begin = mote_max_s32(left, 0);
    at.x_end = mote_min_s32(left + params->window_width, params->input_width);
    for (int32_t channel = 0; channel < params->channels; channel++)
      *output++ = largest(params, &operands[MOTE_UNARY_INPUT], image, at, channel);
  }
}

void mote_max_pool2d_s16(const mote_max_pool2d_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) pool_row(params, operands, image, row);
}
