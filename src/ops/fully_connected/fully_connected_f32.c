/* FullyConnected on float32, the normative form: products in source order, then the bias, then the
 * clamp; no contraction. Tested by fully_connected_test.cc and the golden operators. */
#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/float_math.h"

static float accumulate(const mote_fully_connected_f32_params* p, const float* input,
                        const float* weights) {
  float sum = 0.0f;
  for (int32_t i = 0; i < p->input_channels; i++) sum += weights[i] * input[i];
  return sum;
}

void mote_fully_connected_f32(const mote_fully_connected_f32_params* p,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  const float* weights = operands[1].weights->data;
  const float* bias = operands[2].constant;

  for (int32_t image = 0; image < p->batch; image++) {
    for (int32_t row = row_begin; row < row_end; row++) {
      const float* in = mote_const_row(&operands[0], image, row);
      float* out = mote_row(&operands[3], image, row);
      for (int32_t vector = 0; vector < p->row_vectors; vector++, in += p->input_channels) {
        for (int32_t o = 0; o < p->output_channels; o++) {
          const float sum =
              accumulate(p, in, weights + o * p->input_channels) + (bias ? bias[o] : 0.0f);
          *out++ = mote_clamp_f32(sum, p->activation_min, p->activation_max);
        }
      }
    }
  }
}
