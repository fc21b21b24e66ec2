/* FullyConnected on int8, the normative form: exact int32 sums, one rescaling per output. `lower`
 * has proven that no sum leaves int32. Tested by fully_connected_test.cc and the golden operators.
 */
#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/weights.h"

static int32_t accumulate(const mote_fully_connected_s8_params* p, const int8_t* input,
                          const int8_t* weights) {
  int32_t sum = 0;
  for (int32_t i = 0; i < p->input_channels; i++)
    sum += weights[i] * (input[i] - p->input_zero_point);
  return sum;
}

static MOTE_OUT_OF_LINE void compute_row(const mote_fully_connected_s8_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t row) {
  const int32_t* bias = operands[MOTE_BIAS].constant;
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;

  for (int32_t image = 0; image < p->batch; image++) {
    const int8_t* in = mote_const_row(&operands[MOTE_INPUT], image, row);
    int8_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, row);
    for (int32_t vector = 0; vector < p->row_vectors; vector++) {
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += p->input_channels) {
        const int32_t sum = accumulate(p, in, weights) + (bias ? bias[o] : 0);
        const int32_t value =
            mote_requantize_rounded_s32(sum, multiplier[o], shift[o], p->rounding) +
            p->output_zero_point;
        out[o] = (int8_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
      }
      in += p->input_channels;
      out += p->output_channels;
    }
  }
}

MOTE_SHARED(mote_fully_connected_s8)
void mote_fully_connected_s8(const mote_fully_connected_s8_params* p, const mote_operand* operands,
                             int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t row = row_begin; row < row_end; row++) compute_row(p, operands, &tile, row);
}
