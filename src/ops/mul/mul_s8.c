/* Mul on int8: the exact product, rescaled once. Tested by mul_test.cc and the golden operators. */
#include "ops/mul/mul_kernels.h"
#include "runtime/arithmetic/requantize.h"

typedef mote_mul_s8_params mote_pair_params;
typedef int8_t mote_pair_element;
#include "runtime/broadcast_loop.h"

static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b) {
  const int32_t product = (a - params->a_zero_point) * (b - params->b_zero_point);
  const int32_t output =
      mote_requantize_rounded_s32(product, params->multiplier, params->shift, params->rounding) +
      params->output_zero_point;
  return (int8_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_mul_s8)
void mote_mul_s8(const mote_mul_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end) {
  mote_broadcast_rows(params, operands, row_begin, row_end);
}
