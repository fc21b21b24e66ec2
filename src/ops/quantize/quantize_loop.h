/* The kernel of Quantize between two integer types: one loop for all pairs of them, each of which
 * is a file of one line. Tested by quantize_test.cc and the golden operators. */
#ifndef MOTE_OPS_QUANTIZE_LOOP_H
#define MOTE_OPS_QUANTIZE_LOOP_H

#include "ops/quantize/quantize_kernels.h"
#include "runtime/arithmetic/requantize.h"

#define MOTE_QUANTIZE_INTEGERS(function, from, to, to_min, to_max)                                 \
  MOTE_SHARED(function)                                                                            \
  void function(const mote_quantize_s8_s8_params* params, const mote_operand* operands,            \
                int32_t row_begin, int32_t row_end) {                                              \
    for (int32_t image = 0; image < params->batch; image++)                                        \
      for (int32_t row = row_begin; row < row_end; row++) {                                        \
        const from* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);               \
        to* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);                           \
        for (int32_t i = 0; i < params->row_elements; i++) {                                       \
          const int32_t rescaled =                                                                 \
              mote_requantize_rounded_s32(input[i] - params->input_zero_point, params->multiplier, \
                                          params->shift, params->rounding) +                       \
              params->output_zero_point;                                                           \
          output[i] = (to)mote_clamp_s32(rescaled, to_min, to_max);                                \
        }                                                                                          \
      }                                                                                            \
  }

#endif
