/* Conv2D on float32, the normative form: taps in source order ky, kx, i, then the bias, then the
 * clamp; no contraction. Tested by conv2d_test.cc and the golden operators. */
#include "runtime/exact_float.h"

#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

/* Where a window begins: negative coordinates lie in the padding. `channel` is the first of its
 * group. */
typedef struct origin {
  int32_t image;
  int32_t y;
  int32_t x;
  int32_t channel;
} origin;

/* The walk of runtime/window.h by hand: through it GCC 12 compiles
 * this type to other code, not always better. */
static float accumulate(const mote_conv2d_f32_params* p, const mote_operand* input, origin at,
                        const float* weights) {
  float sum = 0.0f;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t y = at.y + ky * p->dilation_height;
    if (y < 0 || y >= p->input_height) continue;
    const float* row = mote_const_row(input, at.image, y);
    for (int32_t kx = 0; kx < p->window_width; kx++) {
      const int32_t x = at.x + kx * p->dilation_width;
      if (x < 0 || x >= p->input_width) continue;
      const float* pixel = row + x * p->input_channels + at.channel;
      const float* tap = weights + (ky * p->window_width + kx) * p->group_inputs;
      for (int32_t i = 0; i < p->group_inputs; i++) sum += tap[i] * pixel[i];
    }
  }
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_conv2d_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const float* bias = operands[MOTE_BIAS].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->group_inputs;

  for (int32_t image = 0; image < p->batch; image++) {
    float* out = mote_row(&operands[MOTE_F32_OUTPUT], image, y);
    for (int32_t x = 0; x < p->output_width; x++, out += p->output_channels) {
      origin at = {image, y * p->stride_height - p->padding_top,
                   x * p->stride_width - p->padding_left, 0};
      const float* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += channel_weights) {
        at.channel = o / p->group_outputs * p->group_inputs;
        const float sum =
            accumulate(p, &operands[MOTE_INPUT], at, weights) + (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(sum, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_conv2d_f32)
void mote_conv2d_f32(const mote_conv2d_f32_params* p, const mote_operand* operands,
                     int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
