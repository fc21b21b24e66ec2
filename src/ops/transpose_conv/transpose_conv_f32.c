/* TransposeConv on float32, the normative form: taps in the order ky, kx, i, then the bias, then
 * the clamp; no contraction. Tested by transpose_conv_test.cc and the golden operators. */
#include "runtime/exact_float.h"

#include "ops/transpose_conv/transpose_conv_kernels.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

/* The first tap [ky, kx] that reaches an output pixel, and the pixel [y, x] of the input, or
 * outside of it, from where it does. A tap one stride further does so from the pixel before. */
typedef struct origin {
  int32_t image;
  int32_t y;
  int32_t ky;
  int32_t x;
  int32_t kx;
} origin;

/* The walk of runtime/transposed_window.h by hand: through it GCC 12 compiles
 * this type to other code, not always better. */
static float accumulate(const mote_transpose_conv_f32_params* p, const mote_operand* input,
                        origin from, const float* weights) {
  float sum = 0.0f;
  for (int32_t ky = from.ky, y = from.y; ky < p->window_height; ky += p->stride_height, y--) {
    if (y < 0 || y >= p->input_height) continue;
    const float* row = mote_const_row(input, from.image, y);
    for (int32_t kx = from.kx, x = from.x; kx < p->window_width; kx += p->stride_width, x--) {
      if (x < 0 || x >= p->input_width) continue;
      const float* pixel = row + x * p->input_channels;
      const float* tap = weights + (ky * p->window_width + kx) * p->input_channels;
      for (int32_t i = 0; i < p->input_channels; i++) sum += tap[i] * pixel[i];
    }
  }
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_transpose_conv_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const float* bias = operands[MOTE_BIAS].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->input_channels;

  for (int32_t image = 0; image < p->batch; image++) {
    float* out = mote_row(&operands[MOTE_F32_OUTPUT], image, y);
    const int32_t row = y + p->padding_top;
    for (int32_t x = 0; x < p->output_width; x++, out += p->output_channels) {
      const int32_t column = x + p->padding_left;
      const origin from = {image, row / p->stride_height, row % p->stride_height,
                           column / p->stride_width, column % p->stride_width};
      const float* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += channel_weights) {
        const float sum =
            accumulate(p, &operands[MOTE_INPUT], from, weights) + (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(sum, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_transpose_conv_f32)
void mote_transpose_conv_f32(const mote_transpose_conv_f32_params* p, const mote_operand* operands,
                             int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
