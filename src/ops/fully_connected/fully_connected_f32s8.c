/* FullyConnected of int8 weights on vectors that quantize_dynamic made int8, to float32, the
 * normative form: exact int32 sums, rescaled, then the bias, then the clamp; no contraction.
 * `lower` has proven that no sum leaves int32. Tested by fully_connected_test.cc. */
#include "runtime/exact_float.h"

#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/arithmetic/dynamic.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

static int32_t accumulate(const mote_fully_connected_f32_params* p, const int8_t* input,
                          int32_t zero_point, const int8_t* weights) {
  int32_t sum = 0;
  for (int32_t i = 0; i < p->input_channels; i++) sum += weights[i] * (input[i] - zero_point);
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_fully_connected_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t row) {
  const float* bias = operands[MOTE_BIAS].constant;
  const float* weight_scale = operands[MOTE_F32S8_WEIGHT_SCALE].constant;

  for (int32_t image = 0; image < p->batch; image++) {
    const int8_t* in = mote_const_row(&operands[MOTE_INPUT], image, row);
    const float* input_scale = mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, row);
    const int32_t* zero_point = mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, row);
    float* out = mote_row(&operands[MOTE_F32S8_OUTPUT], image, row);
    for (int32_t vector = 0; vector < p->row_vectors; vector++) {
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += p->input_channels) {
        const int32_t sum = accumulate(p, in, zero_point[vector], weights);
        const float value = mote_dequantize_sum_f32(sum, weight_scale[o], input_scale[vector]) +
                            (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(value, p->activation_min, p->activation_max);
      }
      in += p->input_channels;
      out += p->output_channels;
    }
  }
}

MOTE_SHARED(mote_fully_connected_f32s8)
void mote_fully_connected_f32s8(const mote_fully_connected_f32_params* p,
                                const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32S8_SCRATCH, &tile);)
    for (int32_t row = row_begin; row < row_end; row++) compute_row(p, operands, &tile, row);
}
