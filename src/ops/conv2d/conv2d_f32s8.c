/* Conv2D of int8 weights on inputs that quantize_dynamic made int8, to float32, the
 * normative form: exact int32 sums, rescaled, then the bias, then the clamp; no contraction.
 * `lower` has proven that no sum leaves int32. Tested by conv2d_test.cc. */
#include "runtime/exact_float.h"

#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/arithmetic/dynamic.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

typedef mote_conv2d_f32_params mote_window_params;
typedef int8_t mote_window_input;
typedef int8_t mote_window_weight;
typedef int32_t mote_window_sum;
#include "runtime/window.h"

static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap) {
  for (int32_t i = 0; i < p->group_inputs; i++) sum += tap[i] * (pixel[i] - zero_point);
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_conv2d_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const float* bias = operands[MOTE_BIAS].constant;
  const float* weight_scale = operands[MOTE_F32S8_WEIGHT_SCALE].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->group_inputs;

  for (int32_t image = 0; image < p->batch; image++) {
    const float input_scale =
        *(const float*)mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, 0);
    const int32_t zero_point =
        *(const int32_t*)mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, 0);
    float* out = mote_row(&operands[MOTE_F32S8_OUTPUT], image, y);
    for (int32_t x = 0; x < p->output_width; x++, out += p->output_channels) {
      mote_window_origin at = {image, y * p->stride_height - p->padding_top,
                               x * p->stride_width - p->padding_left, 0};
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += channel_weights) {
        at.channel = o / p->group_outputs * p->group_inputs;
        const int32_t sum =
            mote_sum_window(p, &operands[MOTE_INPUT], at, zero_point, weights, p->group_inputs);
        const float value =
            mote_dequantize_sum_f32(sum, weight_scale[o], input_scale) + (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(value, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_conv2d_f32s8)
void mote_conv2d_f32s8(const mote_conv2d_f32_params* p, const mote_operand* operands,
                       int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32S8_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
