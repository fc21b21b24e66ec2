/* Layers in tiles on float32, for processors with AVX2. */
#include "ops/tiled/tiled_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx2.h"
#include "runtime/lanes_f32.h"
#include "runtime/tile_real.h"
#include "runtime/tiled.h"

MOTE_SHARED(mote_tiled_f32_avx2)
MOTE_TARGET void mote_tiled_f32_avx2(const mote_tiled_params* params, const mote_operand* operands,
                                     int32_t row_begin, int32_t row_end) {
  mote_tiled_rows(params, operands, row_begin, row_end);
}
#endif
