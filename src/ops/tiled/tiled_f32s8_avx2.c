/* Layers in tiles on int8 weights and inputs quantized on the fly, for processors with AVX2. */
#include "ops/tiled/tiled_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx2.h"
#include "runtime/lanes_f32s8.h"
#include "runtime/tile_real.h"
#include "runtime/tiled.h"

MOTE_SHARED(mote_tiled_f32s8_avx2)
MOTE_TARGET void mote_tiled_f32s8_avx2(const mote_tiled_params* params,
                                       const mote_operand* operands, int32_t row_begin,
                                       int32_t row_end) {
  mote_tiled_rows(params, operands, row_begin, row_end);
}
#endif
