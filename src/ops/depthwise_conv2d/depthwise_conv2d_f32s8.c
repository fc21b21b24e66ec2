/* DepthwiseConv2D of int8 weights on inputs that quantize_dynamic made int8, to float32, the
 * normative form: exact int32 sums, rescaled, then the bias, then the clamp; no contraction.
 * `lower` has proven that no sum leaves int32. Tested by depthwise_conv2d_test.cc. */
#include "runtime/exact_float.h"

#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"
#include "runtime/arithmetic/dynamic.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

/* Where a window begins: negative coordinates lie in the padding. */
typedef struct origin {
  int32_t image;
  int32_t y;
  int32_t x;
  int32_t channel;
} origin;

/* `weights` are the channel's; from one tap to the next they lie `distance` apart. The walk of
 * runtime/window.h by hand: through it GCC 12 compiles this type to other code, not always better.
 */
static int32_t accumulate(const mote_depthwise_conv2d_f32_params* p, const mote_operand* input,
                          origin at, int32_t zero_point, const int8_t* weights, int32_t distance) {
  int32_t sum = 0;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t y = at.y + ky * p->dilation_height;
    if (y < 0 || y >= p->input_height) continue;
    const int8_t* row = mote_const_row(input, at.image, y);
    for (int32_t kx = 0; kx < p->window_width; kx++) {
      const int32_t x = at.x + kx * p->dilation_width;
      if (x < 0 || x >= p->input_width) continue;
      const int32_t value = row[x * p->input_channels + at.channel];
      sum += weights[(ky * p->window_width + kx) * distance] * (value - zero_point);
    }
  }
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_depthwise_conv2d_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const float* bias = operands[MOTE_BIAS].constant;
  const float* weight_scale = operands[MOTE_F32S8_WEIGHT_SCALE].constant;
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const int32_t distance = tile->end - tile->begin;

  for (int32_t image = 0; image < p->batch; image++) {
    const float input_scale =
        *(const float*)mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, 0);
    const int32_t zero_point =
        *(const int32_t*)mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, 0);
    float* out = mote_row(&operands[MOTE_F32S8_OUTPUT], image, y);
    for (int32_t x = 0; x < p->output_width; x++, out += output_channels) {
      origin at = {image, y * p->stride_height - p->padding_top,
                   x * p->stride_width - p->padding_left, 0};
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights++) {
        at.channel = o / p->depth_multiplier;
        const int32_t sum = accumulate(p, &operands[MOTE_INPUT], at, zero_point, weights, distance);
        const float value =
            mote_dequantize_sum_f32(sum, weight_scale[o], input_scale) + (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(value, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_depthwise_conv2d_f32s8)
void mote_depthwise_conv2d_f32s8(const mote_depthwise_conv2d_f32_params* p,
                                 const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32S8_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
