/* Add on int8, for processors with AVX2: add_lanes.h. */
#include "ops/add/add_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx2.h"
#include "runtime/lanes_s8.h"

#include "ops/add/add_lanes.h"

MOTE_SHARED(mote_add_s8_avx2)
MOTE_TARGET void mote_add_s8_avx2(const mote_add_s8_params* params, const mote_operand* operands,
                                  int32_t row_begin, int32_t row_end) {
  add_rows(params, operands, row_begin, row_end, MOTE_SUM_S8_LEFT_SHIFT);
}
#endif
