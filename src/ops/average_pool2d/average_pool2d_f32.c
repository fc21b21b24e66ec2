#include "ops/average_pool2d/average_pool2d_kernels.h"
#include "runtime/arithmetic/bits.h"

/* The part of a window inside the image. */
typedef struct window {
  int32_t y_begin, y_end, x_begin, x_end;
} window;

static float average(const mote_average_pool2d_f32_params* params, const mote_operand* input,
                     int32_t image, window window, int32_t channel) {
  float sum = 0.0f;
  for (int32_t y = window.y_begin; y < window.y_end; y++) {
    const float* row = mote_const_row(input, image, y);
    for (int32_t x = window.x_begin; x < window.x_end; x++)
      sum += row[x * params->channels + channel];
  }
  const int32_t count = (window.y_end - window.y_begin) * (window.x_end - window.x_begin);
  const float mean = sum / (float)count;
  const float raised = mean > params->activation_min ? mean : params->activation_min;
  return raised < params->activation_max ? raised : params->activation_max;
}

static void pool_row(const mote_average_pool2d_f32_params* params, const mote_operand* operands,
                     int32_t image, int32_t row) {
  const int32_t top = row * params->stride_height - params->padding_top;
  float* output = mote_row(&operands[1], image, row);
  window window;
  window.y_begin = mote_max_s32(top, 0);
  window.y_end = mote_min_s32(top + params->window_height, params->input_height);
  for (int32_t x = 0; x < params->output_width; x++) {
    const int32_t left = x * params->stride_width - params->padding_left;
    window.x_begin = mote_max_s32(left, 0);
    window.x_end = mote_min_s32(left + params->window_width, params->input_width);
    for (int32_t channel = 0; channel < params->channels; channel++)
      *output++ = average(params, &operands[0], image, window, channel);
  }
}

void mote_average_pool2d_f32(const mote_average_pool2d_f32_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) pool_row(params, operands, image, row);
}
