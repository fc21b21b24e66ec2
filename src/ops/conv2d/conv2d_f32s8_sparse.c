/* conv2d_f32s8 of taps: weights that are 0 cost nothing. Byte-equal with conv2d_f32s8.c: what it
 * leaves out adds 0. Tested by tests/differential/rows_test.cc. */
#include "runtime/exact_float.h"

#include "ops/conv2d/conv2d_kernels.h"
#include "runtime/arithmetic/dynamic.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

typedef mote_conv2d_f32_params mote_window_params;
typedef int8_t mote_window_input;
typedef int32_t mote_window_sum;
#include "runtime/taps_window.h"

static float output_of(const mote_conv2d_f32_params* p, const mote_operand* operands, int32_t o,
                       float input_scale, int32_t sum) {
  const float* bias = operands[MOTE_BIAS].constant;
  const float* weight_scale = operands[MOTE_F32S8_WEIGHT_SCALE].constant;
  const float value =
      mote_dequantize_sum_f32(sum, weight_scale[o], input_scale) + (bias ? bias[o] : 0.0f);
  return mote_clamp_f32(value, p->activation_min, p->activation_max);
}

static MOTE_OUT_OF_LINE void compute_row(const mote_conv2d_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t y) {
  const mote_operand* input = &operands[MOTE_INPUT];
  for (int32_t image = 0; image < p->batch; image++) {
    const float input_scale =
        *(const float*)mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, 0);
    const int32_t zero_point =
        *(const int32_t*)mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, 0);
    float* out = mote_row(&operands[MOTE_F32S8_OUTPUT], image, y);
    for (int32_t x = 0, pixels; x < p->output_width;
         x += pixels, out += pixels * p->output_channels) {
      const mote_window_origin at = mote_window_at(p, image, y, x);
      pixels = x + 1 < p->output_width && mote_two_inside(p, at) ? 2 : 1;
      const mote_taps_entry* taps = tile->data;
      int32_t sums[2];
      for (int32_t o = tile->begin; o < tile->end; o++) {
        taps = pixels == 2 ? mote_sum_two_windows(p, input, at, zero_point, taps, sums)
                           : mote_sum_window(p, input, at, zero_point, taps, sums);
        out[o] = output_of(p, operands, o, input_scale, sums[0]);
        if (pixels == 2)
          out[p->output_channels + o] = output_of(p, operands, o, input_scale, sums[1]);
      }
    }
  }
}

MOTE_SHARED(mote_conv2d_f32s8_sparse)
void mote_conv2d_f32s8_sparse(const mote_conv2d_f32_params* p, const mote_operand* operands,
                              int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32S8_SCRATCH, &tile);)
    for (int32_t y = row_begin; y < row_end; y++) compute_row(p, operands, &tile, y);
}
