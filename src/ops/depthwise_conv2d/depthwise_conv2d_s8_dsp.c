/* DepthwiseConv2D on int8 for cores with the DSP extension: four channels at a time, over a list of
 * where the taps of a pixel lie. Taps in the padding lie in a pixel of the zero point, and what
 * that adds to a sum is taken off the bias, so that no tap is asked where it is. Gives the bits of
 * depthwise_conv2d_s8. Tested by tests/differential/rows_test.cc. */
#include "ops/depthwise_conv2d/depthwise_conv2d_dsp.h"
#include "runtime/arithmetic/requantize_dsp.h"
#include "runtime/pairs.h"
#include "runtime/weights.h"

typedef struct depthwise_dsp {
  const mote_depthwise_conv2d_s8_params* params;
  const mote_operand* operands;
  const int8_t** taps; /* of a pixel, at its first channel */
  int32_t* bias;       /* of the tile's channels, less what the zero point adds */
  int8_t* padding;     /* a pixel of the zero point */
  int32_t count;       /* of taps */
} depthwise_dsp;

static void set_biases(const depthwise_dsp* d, const mote_weight_tile* tile) {
  const int32_t* bias = d->operands[MOTE_BIAS].constant;
  const int32_t channels = tile->end - tile->begin;
  const int8_t* weights = tile->data;
  for (int32_t c = 0; c < channels; c++) {
    int32_t sum = 0;
    for (int32_t t = 0; t < d->count; t++) sum += weights[t * channels + c];
    d->bias[c] = (int32_t)((uint32_t)(bias ? bias[tile->begin + c] : 0) -
                           (uint32_t)sum * (uint32_t)d->params->input_zero_point);
  }
}

static void set_taps(const depthwise_dsp* d, int32_t image, int32_t y, int32_t x) {
  const mote_depthwise_conv2d_s8_params* p = d->params;
  const int8_t** tap = d->taps;
  for (int32_t ky = 0; ky < p->window_height; ky++) {
    const int32_t from = y + ky * p->dilation_height;
    const int outside = from < 0 || from >= p->input_height;
    const int8_t* row = outside ? NULL : mote_const_row(&d->operands[MOTE_INPUT], image, from);
    for (int32_t kx = 0; kx < p->window_width; kx++) {
      const int32_t at = x + kx * p->dilation_width;
      *tap++ =
          outside || at < 0 || at >= p->input_width ? d->padding : row + at * p->input_channels;
    }
  }
}

static MOTE_INLINED void put(const depthwise_dsp* d, int32_t sum, int32_t channel, int8_t* out) {
  const mote_depthwise_conv2d_s8_params* p = d->params;
  const int32_t* multiplier = d->operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = d->operands[MOTE_INTEGER_SHIFT].constant;
  const mote_dsp_rescaling r = mote_dsp_rescaling_of(multiplier[channel], shift[channel]);
  const int32_t value = mote_rescale_dsp(sum, &r, p->output_zero_point);
  out[channel] = (int8_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
}

/* Channels [first, first + 4), whose inputs are neighbours too. */
static MOTE_INLINED void four_channels(const depthwise_dsp* d, const mote_weight_tile* tile,
                                       int32_t first, int8_t* out) {
  const int32_t distance = tile->end - tile->begin, at = first - tile->begin;
  const int8_t* weights = (const int8_t*)tile->data + at;
  int32_t s0 = d->bias[at], s1 = d->bias[at + 1], s2 = d->bias[at + 2], s3 = d->bias[at + 3];
  const int8_t** end = d->taps + d->count;
  for (const int8_t** tap = d->taps; tap != end; tap++, weights += distance) {
    mote_pair even, odd, even_weights, odd_weights;
    mote_split_four(*tap + first, &even, &odd);
    mote_split_four(weights, &even_weights, &odd_weights);
    s0 = mote_add_first_product(even, even_weights, s0);
    s1 = mote_add_first_product(odd, odd_weights, s1);
    s2 = mote_add_second_product(even, even_weights, s2);
    s3 = mote_add_second_product(odd, odd_weights, s3);
  }
  put(d, s0, first, out);
  put(d, s1, first + 1, out);
  put(d, s2, first + 2, out);
  put(d, s3, first + 3, out);
}

static void one_channel(const depthwise_dsp* d, const mote_weight_tile* tile, int32_t channel,
                        int8_t* out) {
  const int32_t distance = tile->end - tile->begin, at = channel - tile->begin;
  const int32_t input = channel / d->params->depth_multiplier;
  const int8_t* weights = (const int8_t*)tile->data + at;
  int32_t sum = d->bias[at];
  for (int32_t t = 0; t < d->count; t++, weights += distance) {
    const int32_t product = d->taps[t][input] * *weights;
    sum = (int32_t)((uint32_t)sum + (uint32_t)product);
  }
  put(d, sum, channel, out);
}

static MOTE_OUT_OF_LINE void compute_pixel(const depthwise_dsp* d, const mote_weight_tile* tile,
                                           int8_t* out) {
  int32_t channel = tile->begin;
  if (d->params->depth_multiplier == 1)
    for (; channel + 4 <= tile->end; channel += 4) four_channels(d, tile, channel, out);
  for (; channel < tile->end; channel++) one_channel(d, tile, channel, out);
}

MOTE_SHARED(mote_depthwise_conv2d_s8_dsp)
void mote_depthwise_conv2d_s8_dsp(const mote_depthwise_conv2d_s8_params* p,
                                  const mote_operand* operands, int32_t row_begin,
                                  int32_t row_end) {
  const int32_t channels = p->input_channels * p->depth_multiplier;
  depthwise_dsp d;
  d.params = p;
  d.operands = operands;
  d.count = p->window_height * p->window_width;
  d.taps = operands[MOTE_INTEGER_SCRATCH].data;
  d.bias = (int32_t*)(d.taps + d.count);
  d.padding = (int8_t*)(d.bias + channels);
  for (int32_t c = 0; c < p->input_channels; c++) d.padding[c] = (int8_t)p->input_zero_point;
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);) {
    set_biases(&d, &tile);
    for (int32_t image = 0; image < p->batch; image++)
      for (int32_t y = row_begin; y < row_end; y++) {
        int8_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, y);
        for (int32_t x = 0; x < p->output_width; x++, out += channels) {
          set_taps(&d, image, y * p->stride_height - p->padding_top,
                   x * p->stride_width - p->padding_left);
          compute_pixel(&d, &tile, out);
        }
      }
  }
}
