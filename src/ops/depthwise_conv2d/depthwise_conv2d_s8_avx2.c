/* DepthwiseConv2D on int8 with AVX2, 8 channels at a time, for processors that have it:
 * bit-identical with depthwise_conv2d_s8.c. One output channel per input channel
 * (prepare_depthwise_conv2d_s8). Tested by tests/differential/variants_test.cc. */
#include "ops/depthwise_conv2d/depthwise_conv2d_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx2.h"

/* Up to 8 channels: where their operands begin, and what their outputs share. */
typedef struct block {
  int32_t channel;
  int32_t count;
  const int8_t* weights;
  __m256i bias;
  __m256i multiplier;
  __m256i shift;
} block;

static inline MOTE_AVX2 block block_at(const mote_operand* operands, int32_t channel,
                                       int32_t channels) {
  const int32_t left = channels - channel;
  block b = {.channel = channel, .count = left < 8 ? left : 8};
  b.weights = (const int8_t*)operands[1].weights->data + channel;
  const int32_t* bias = operands[2].constant;
  b.bias = bias == NULL ? _mm256_setzero_si256() : mote_load_s32_avx2(bias + channel, b.count);
  b.multiplier = mote_load_s32_avx2((const int32_t*)operands[3].constant + channel, b.count);
  b.shift = mote_load_s8_avx2((const int8_t*)operands[4].constant + channel, b.count);
  return b;
}

/* The sums of one pixel, whose window begins at row y and column x. */
static inline MOTE_AVX2 __m256i accumulate(const mote_depthwise_conv2d_s8_params* p,
                                           const mote_operand* input, int32_t image, int32_t y,
                                           int32_t x, const block* b) {
  const __m256i zero_point = _mm256_set1_epi32(p->input_zero_point);
  __m256i sum = b->bias;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t iy = y + ky * p->dilation_height;
    if (iy < 0 || iy >= p->input_height) continue;
    const int8_t* row = (const int8_t*)mote_const_row(input, image, iy) + b->channel;
    const int8_t* taps = b->weights + ky * p->window_width * p->input_channels;
    for (int32_t kx = 0; kx < p->window_width; kx++) {
      const int32_t ix = x + kx * p->dilation_width;
      if (ix < 0 || ix >= p->input_width) continue;
      const __m256i value = mote_load_s8_avx2(row + ix * p->input_channels, b->count);
      const __m256i weight = mote_load_s8_avx2(taps + kx * p->input_channels, b->count);
      const __m256i product = _mm256_mullo_epi32(_mm256_sub_epi32(value, zero_point), weight);
      sum = _mm256_add_epi32(sum, product);
    }
  }
  return sum;
}

static inline MOTE_AVX2 void compute_row(const mote_depthwise_conv2d_s8_params* p,
                                         const mote_operand* operands, int32_t image, int32_t row,
                                         const block* b) {
  int8_t* output = (int8_t*)mote_row(&operands[5], image, row) + b->channel;
  const int32_t y = row * p->stride_height - p->padding_top;
  for (int32_t x = 0; x < p->output_width; x++, output += p->input_channels) {
    const __m256i sum =
        accumulate(p, &operands[0], image, y, x * p->stride_width - p->padding_left, b);
    const __m256i value = mote_requantize_avx2(sum, b->multiplier, b->shift);
    mote_store_s8_avx2(
        output, b->count,
        mote_narrow_avx2(value, p->output_zero_point, p->activation_min, p->activation_max));
  }
}

MOTE_AVX2 void mote_depthwise_conv2d_s8_avx2(const mote_depthwise_conv2d_s8_params* p,
                                             const mote_operand* operands, int32_t row_begin,
                                             int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++)
      for (int32_t channel = 0; channel < p->input_channels; channel += 8) {
        const block b = block_at(operands, channel, p->input_channels);
        compute_row(p, operands, image, row, &b);
      }
}
#endif
