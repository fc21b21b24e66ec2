/* fully_connected_s8 of weights that are multiplied as they are read from a sparse storage
 * (runtime/taps.h): those that are 0 cost little. Byte-equal with fully_connected_s8.c. Tested by
 * tests/differential/rows_test.cc. */
#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/arithmetic/requantize.h"
#include "runtime/taps.h"
#include "runtime/weighted.h"

static void compute_vector(const mote_fully_connected_s8_params* p, const mote_operand* operands,
                           mote_products* products, int8_t* out) {
  const mote_weights* weights = operands[MOTE_WEIGHTS].weights;
  const int32_t* bias = operands[MOTE_BIAS].constant;
  const int32_t* multiplier = operands[MOTE_INTEGER_MULTIPLIER].constant;
  const int8_t* shift = operands[MOTE_INTEGER_SHIFT].constant;

  int32_t position = 0;
  for (int32_t o = 0; o < p->output_channels; o++) {
    weights->decode(weights, &position, o, o + 1, products);
    const int32_t sum = products->sum + (bias ? bias[o] : 0);
    const int32_t value = mote_requantize_rounded_s32(sum, multiplier[o], shift[o], p->rounding) +
                          p->output_zero_point;
    out[o] = (int8_t)mote_clamp_s32(value, p->activation_min, p->activation_max);
  }
}

MOTE_SHARED(mote_fully_connected_s8_sparse)
void mote_fully_connected_s8_sparse(const mote_fully_connected_s8_params* p,
                                    const mote_operand* operands, int32_t row_begin,
                                    int32_t row_end) {
  mote_products products = {NULL, p->input_zero_point, 0};
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      products.input = mote_const_row(&operands[MOTE_INPUT], image, row);
      int8_t* out = mote_row(&operands[MOTE_INTEGER_OUTPUT], image, row);
      for (int32_t vector = 0; vector < p->row_vectors; vector++) {
        compute_vector(p, operands, &products, out);
        products.input += p->input_channels;
        out += p->output_channels;
      }
    }
}
