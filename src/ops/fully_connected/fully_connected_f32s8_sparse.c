/* fully_connected_f32s8 of weights that are multiplied as they are read from a sparse storage
 * (runtime/taps.h): those that are 0 cost little. Byte-equal with fully_connected_f32s8.c. Tested
 * by tests/differential/rows_test.cc. */
#include "runtime/exact_float.h"

#include "ops/fully_connected/fully_connected_kernels.h"
#include "runtime/arithmetic/dynamic.h"
#include "runtime/float_math.h"
#include "runtime/taps.h"
#include "runtime/weighted.h"

static void compute_vector(const mote_fully_connected_f32_params* p, const mote_operand* operands,
                           mote_products* products, float input_scale, float* out) {
  const mote_weights* weights = operands[MOTE_WEIGHTS].weights;
  const float* bias = operands[MOTE_BIAS].constant;
  const float* weight_scale = operands[MOTE_F32S8_WEIGHT_SCALE].constant;

  int32_t position = 0;
  for (int32_t o = 0; o < p->output_channels; o++) {
    weights->decode(weights, &position, o, o + 1, products);
    const float value = mote_dequantize_sum_f32(products->sum, weight_scale[o], input_scale) +
                        (bias ? bias[o] : 0.0f);
    out[o] = mote_clamp_f32(value, p->activation_min, p->activation_max);
  }
}

MOTE_SHARED(mote_fully_connected_f32s8_sparse)
void mote_fully_connected_f32s8_sparse(const mote_fully_connected_f32_params* p,
                                       const mote_operand* operands, int32_t row_begin,
                                       int32_t row_end) {
  mote_products products = {NULL, 0, 0};
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      products.input = mote_const_row(&operands[MOTE_INPUT], image, row);
      const float* input_scale = mote_const_row(&operands[MOTE_F32S8_INPUT_SCALE], image, row);
      const int32_t* zero_point = mote_const_row(&operands[MOTE_F32S8_ZERO_POINT], image, row);
      float* out = mote_row(&operands[MOTE_F32S8_OUTPUT], image, row);
      for (int32_t vector = 0; vector < p->row_vectors; vector++) {
        products.zero_point = zero_point[vector];
        compute_vector(p, operands, &products, input_scale[vector], out);
        products.input += p->input_channels;
        out += p->output_channels;
      }
    }
}
