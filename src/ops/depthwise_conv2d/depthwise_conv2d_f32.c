/* DepthwiseConv2D on float32, the normative form: taps in source order ky, kx, then the bias, then
 * the clamp; no contraction. Tested by depthwise_conv2d_test.cc and the golden operators. */
#include "runtime/exact_float.h"

#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

typedef mote_depthwise_conv2d_f32_params mote_window_params;
typedef float mote_window_input;
typedef float mote_window_weight;
typedef float mote_window_sum;
#include "runtime/window.h"

static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap) {
  (void)p, (void)zero_point;
  const float value = *pixel;
  return sum + *tap * value;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_depthwise_conv2d_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const float* bias = operands[MOTE_BIAS].constant;
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const int32_t distance = tile->end - tile->begin;

  for (int32_t image = 0; image < p->batch; image++) {
    float* out = mote_row(&operands[MOTE_F32_OUTPUT], image, y);
    for (int32_t x = 0; x < p->output_width; x++, out += output_channels) {
      mote_window_origin at = {image, y * p->stride_height - p->padding_top,
                               x * p->stride_width - p->padding_left, 0};
      const float* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights++) {
        at.channel = o / p->depth_multiplier;
        const float sum = mote_sum_window(p, &operands[MOTE_INPUT], at, 0, weights, distance) +
                          (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(sum, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_depthwise_conv2d_f32)
void mote_depthwise_conv2d_f32(const mote_depthwise_conv2d_f32_params* p,
                               const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
