/* Add on int16, the normative form: both terms in one fixed point, rescaled to the output. Tested
 * by add_test.cc and the golden operators. */
#include "ops/add/add_kernels.h"

typedef mote_add_s8_params mote_pair_params;
typedef int16_t mote_pair_element;
#include "runtime/broadcast_loop.h"

/* Runtimes that round once round twice here all the same, so params->rounding is not read. */
static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b) {
  const int32_t sum = mote_sum_term(a, MOTE_SUM_S16_LEFT_SHIFT, params->a_multiplier,
                                    params->a_shift, MOTE_ROUNDING_DOUBLE) +
                      mote_sum_term(b, MOTE_SUM_S16_LEFT_SHIFT, params->b_multiplier,
                                    params->b_shift, MOTE_ROUNDING_DOUBLE);
  const int32_t output = mote_requantize_s32(sum, params->output_multiplier, params->output_shift);
  return (int16_t)mote_clamp_s32(output, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_add_s16)
void mote_add_s16(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end) {
  mote_broadcast_rows(params, operands, row_begin, row_end);
}
