/* Mul on int16: the exact product, rescaled once. Tested by mul_test.cc and the golden operators.
 */
#include "ops/mul/mul_kernels.h"
#include "runtime/arithmetic/requantize.h"

typedef mote_mul_s8_params mote_pair_params;
typedef int16_t mote_pair_element;
#include "runtime/broadcast_loop.h"

static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b) {
  const int32_t product = a * b;
  const int32_t output =
      mote_requantize_rounded_s32(product, params->multiplier, params->shift, params->rounding);
  return (int16_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_mul_s16)
void mote_mul_s16(const mote_mul_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end) {
  mote_broadcast_rows(params, operands, row_begin, row_end);
}
