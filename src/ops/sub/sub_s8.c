/* Sub on int8, the normative form: both terms in one fixed point, rescaled to the output. Tested by
 * sub_test.cc and the golden operators. */
#include "ops/sub/sub_kernels.h"

typedef mote_sub_s8_params mote_pair_params;
typedef int8_t mote_pair_element;
#include "runtime/broadcast_loop.h"

static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b) {
  const int32_t difference =
      mote_sum_term(a - params->a_zero_point, MOTE_SUM_S8_LEFT_SHIFT, params->a_multiplier,
                    params->a_shift, params->rounding) -
      mote_sum_term(b - params->b_zero_point, MOTE_SUM_S8_LEFT_SHIFT, params->b_multiplier,
                    params->b_shift, params->rounding);
  const int32_t output = mote_requantize_rounded_s32(difference, params->output_multiplier,
                                                     params->output_shift, params->rounding) +
                         params->output_zero_point;
  return (int8_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_sub_s8)
void mote_sub_s8(const mote_sub_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end) {
  mote_broadcast_rows(params, operands, row_begin, row_end);
}
