/* DepthwiseConv2D on int16 with int8 weights, the normative form: exact sums, one rescaling per
 * output. `lower` has proven that no sum leaves int32 where the bias has 32 bits, nor 48 bits
 * elsewhere. Tested by depthwise_conv2d_test.cc and the golden operators. */
#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/weights.h"

typedef mote_depthwise_conv2d_s16_params mote_window_params;
typedef int16_t mote_window_input;
typedef int8_t mote_window_weight;
typedef int64_t mote_window_sum;
#include "runtime/window.h"

static inline mote_window_sum mote_window_tap(const mote_window_params* p, mote_window_sum sum,
                                              const mote_window_input* pixel, int32_t zero_point,
                                              const mote_window_weight* tap) {
  (void)p, (void)zero_point;
  const int32_t value = *pixel;
  return sum + *tap * value;
}

static int64_t bias_of(const mote_depthwise_conv2d_s16_params* p, const mote_operand* bias,
                       int32_t channel) {
  if (!bias->constant) return 0;
  return p->bias_bits == 32 ? ((const int32_t*)bias->constant)[channel]
                            : ((const int64_t*)bias->constant)[channel];
}

static int32_t rescale(const mote_depthwise_conv2d_s16_params* p, int64_t sum, int32_t multiplier,
                       int32_t shift) {
  return p->bias_bits == 32
             ? mote_requantize_rounded_s32((int32_t)sum, multiplier, shift, p->rounding)
             : mote_requantize_s64(sum, multiplier, shift);
}

static MOTE_OUT_OF_LINE void compute_row(const mote_depthwise_conv2d_s16_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;
  const int32_t output_channels = p->input_channels * p->depth_multiplier;
  const int32_t distance = tile->end - tile->begin;

  for (int32_t image = 0; image < p->batch; image++) {
    int16_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, y);
    for (int32_t x = 0; x < p->output_width; x++, out += output_channels) {
      mote_window_origin at = {image, y * p->stride_height - p->padding_top,
                               x * p->stride_width - p->padding_left, 0};
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights++) {
        at.channel = o / p->depth_multiplier;
        const int64_t sum = mote_sum_window(p, &operands[MOTE_INPUT], at, 0, weights, distance) +
                            bias_of(p, &operands[MOTE_BIAS], o);
        const int32_t value = rescale(p, sum, multiplier[o], shift[o]);
        out[o] = (int16_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
      }
    }
  }
}

MOTE_SHARED(mote_depthwise_conv2d_s16)
void mote_depthwise_conv2d_s16(const mote_depthwise_conv2d_s16_params* p,
                               const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
