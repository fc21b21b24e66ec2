/* FullyConnected on int16 with int8 weights, the normative form: exact sums, one rescaling per
 * output. `lower` has proven that no sum leaves int32 where the bias has 32 bits, nor 48 bits
 * elsewhere. Tested by fully_connected_test.cc and the golden operators. */
#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/weights.h"

static int64_t accumulate(const mote_fully_connected_s16_params* p, const int16_t* input,
                          const int8_t* weights) {
  int64_t sum = 0;
  for (int32_t i = 0; i < p->input_channels; i++) sum += weights[i] * input[i];
  return sum;
}

static int64_t bias_of(const mote_fully_connected_s16_params* p, const mote_operand* bias,
                       int32_t channel) {
  if (!bias->constant) return 0;
  return p->bias_bits == 32 ? ((const int32_t*)bias->constant)[channel]
                            : ((const int64_t*)bias->constant)[channel];
}

/* Runtimes that round once keep the whole multiplier here, though not in convolutions. */
static int32_t rescale(const mote_fully_connected_s16_params* p, int64_t sum, int32_t multiplier,
                       int32_t shift) {
  if (p->bias_bits == 32)
    return mote_requantize_rounded_s32((int32_t)sum, multiplier, shift, p->rounding);
  return p->rounding == MOTE_ROUNDING_SINGLE ? mote_requantize_single_s64(sum, multiplier, shift)
                                             : mote_requantize_s64(sum, multiplier, shift);
}

static MOTE_OUT_OF_LINE void compute_row(const mote_fully_connected_s16_params* p,
                                         const mote_operand* operands, const mote_weight_tile* tile,
                                         int32_t row) {
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;

  for (int32_t image = 0; image < p->batch; image++) {
    const int16_t* in = mote_const_row(&operands[MOTE_INPUT], image, row);
    int16_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, row);
    for (int32_t vector = 0; vector < p->row_vectors; vector++) {
      const int8_t* weights = tile->data;
      for (int32_t o = tile->begin; o < tile->end; o++, weights += p->input_channels) {
        const int64_t sum = accumulate(p, in, weights) + bias_of(p, &operands[MOTE_BIAS], o);
        const int32_t value = rescale(p, sum, multiplier[o], shift[o]);
        out[o] = (int16_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
      }
      in += p->input_channels;
      out += p->output_channels;
    }
  }
}

MOTE_SHARED(mote_fully_connected_s16)
void mote_fully_connected_s16(const mote_fully_connected_s16_params* p,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  mote_weight_tile tile;
  for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
    for (int32_t row = row_begin; row < row_end; row++) compute_row(p, operands, &tile, row);
}
