/* Sub on float32, with broadcasting by steps. Tested by sub_test.cc. */
#include "runtime/exact_float.h"

#include "ops/sub/sub_kernels.h"
#include "runtime/float_math.h"

typedef mote_sub_f32_params mote_pair_params;
typedef float mote_pair_element;
#include "runtime/broadcast_loop.h"

static inline mote_pair_element mote_pair(const mote_pair_params* params, mote_pair_element a,
                                          mote_pair_element b) {
  return mote_clamp_f32(a - b, params->activation_min, params->activation_max);
}

MOTE_SHARED(mote_sub_f32)
void mote_sub_f32(const mote_sub_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end) {
  mote_broadcast_rows(params, operands, row_begin, row_end);
}
