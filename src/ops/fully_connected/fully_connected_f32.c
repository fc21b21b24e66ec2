/* FullyConnected on float32, the normative form: products in source order, then the bias, then the
 * clamp; no contraction. Tested by fully_connected_test.cc and the golden operators. */
#include "runtime/exact_float.h"

#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/float_math.h"
#include "runtime/weights.h"

static float accumulate(const mote_fully_connected_f32_params* p, const float* input,
                        const float* weights) {
  float sum = 0.0f;
  for (int32_t i = 0; i < p->input_channels; i++) sum += weights[i] * input[i];
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_fully_connected_f32_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t row) {
  const float* bias = operands[MOTE_BIAS].constant;

  for (int32_t image = 0; image < p->batch; image++) {
    const float* in = mote_const_row(&operands[MOTE_INPUT], image, row);
    float* out = mote_row(&operands[MOTE_F32_OUTPUT], image, row);
    for (int32_t vector = 0; vector < p->row_vectors; vector++) {
      const float* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += p->input_channels) {
        const float sum = accumulate(p, in, weights) + (bias ? bias[o] : 0.0f);
        out[o] = mote_clamp_f32(sum, p->activation_min, p->activation_max);
      }
      in += p->input_channels;
      out += p->output_channels;
    }
  }
}

MOTE_SHARED(mote_fully_connected_f32)
void mote_fully_connected_f32(const mote_fully_connected_f32_params* p,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_F32_SCRATCH, &tile);)
    for (int32_t row = row_begin; row < row_end; row++) compute_row(p, operands, &tile, row);
}
