/* conv2d_s16 of taps: weights that are 0 cost nothing. Byte-equal with conv2d_s16.c: what it leaves
 * out adds 0. Tested by tests/differential/rows_test.cc. */
#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/weights.h"

typedef mote_conv2d_s16_params mote_window_params;
typedef int16_t mote_window_input;
typedef int64_t mote_window_sum;
#include "runtime/taps_window.h"

static int64_t bias_of(const mote_conv2d_s16_params* p, const mote_operand* bias, int32_t channel) {
  if (!bias->constant) return 0;
  return p->bias_bits == 32 ? ((const int32_t*)bias->constant)[channel]
                            : ((const int64_t*)bias->constant)[channel];
}

static int16_t output_of(const mote_conv2d_s16_params* p, const mote_operand* operands, int32_t o,
                         int64_t sum) {
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;
  sum += bias_of(p, &operands[MOTE_BIAS], o);
  const int32_t value = p->bias_bits == 32 ? mote_requantize_rounded_s32(
                                                 (int32_t)sum, multiplier[o], shift[o], p->rounding)
                                           : mote_requantize_s64(sum, multiplier[o], shift[o]);
  return (int16_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
}

static MOTE_OUT_OF_LINE void compute_row(const mote_conv2d_s16_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const mote_operand* input = &operands[MOTE_INPUT];
  for (int32_t image = 0; image < p->batch; image++) {
    int16_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, y);
    for (int32_t x = 0, pixels; x < p->output_width;
         x += pixels, out += pixels * p->output_channels) {
      const mote_window_origin at = mote_window_at(p, image, y, x);
      pixels = x + 1 < p->output_width && mote_two_inside(p, at) ? 2 : 1;
      const mote_taps_entry* taps = tile->data;
      int64_t sums[2];
      for (int32_t o = tile->begin; o < tile->end; o++) {
        taps = pixels == 2 ? mote_sum_two_windows(p, input, at, 0, taps, sums)
                           : mote_sum_window(p, input, at, 0, taps, sums);
        out[o] = output_of(p, operands, o, sums[0]);
        if (pixels == 2) out[p->output_channels + o] = output_of(p, operands, o, sums[1]);
      }
    }
  }
}

MOTE_SHARED(mote_conv2d_s16_sparse)
void mote_conv2d_s16_sparse(const mote_conv2d_s16_params* p, const mote_operand* operands,
                            int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
