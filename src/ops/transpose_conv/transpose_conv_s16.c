/* TransposeConv on int16 with int8 weights, the normative form: exact sums, one rescaling per
 * output. `lower` has proven that no sum leaves 48 bits. Tested by transpose_conv_test.cc and the
 * golden operators. */
#include "ops/transpose_conv/transpose_conv_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/weights.h"

typedef mote_transpose_conv_s16_params mote_window_params;
typedef int16_t mote_window_input;
typedef int8_t mote_window_weight;
typedef int64_t mote_window_sum;
#include "runtime/transposed_window.h"

static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap) {
  (void)zero_point;
  for (int32_t i = 0; i < p->input_channels; i++) sum += tap[i] * pixel[i];
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_transpose_conv_s16_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const int64_t* bias = operands[MOTE_BIAS].constant;
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;
  const int32_t channel_weights = p->window_height * p->window_width * p->input_channels;

  for (int32_t image = 0; image < p->batch; image++) {
    int16_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, y);
    const int32_t row = y + p->padding_top;
    for (int32_t x = 0; x < p->output_width; x++, out += p->output_channels) {
      const int32_t column = x + p->padding_left;
      const mote_window_origin from = {image, row / p->stride_height, row % p->stride_height,
                                       column / p->stride_width, column % p->stride_width};
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += channel_weights) {
        const int64_t sum =
            mote_sum_window(p, &operands[MOTE_INPUT], from, 0, weights, p->input_channels) +
            (bias ? bias[o] : 0);
        const int32_t value = mote_requantize_s64(sum, multiplier[o], shift[o]);
        out[o] = (int16_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_transpose_conv_s16)
void mote_transpose_conv_s16(const mote_transpose_conv_s16_params* p, const mote_operand* operands,
                             int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
