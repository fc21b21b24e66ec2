/* Layers in tiles on int16 with int8 weights, for processors with AVX-512 VNNI. */
#include "ops/tiled/tiled_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx512.h"
#include "runtime/lanes_s16.h"
#include "runtime/tile_integer.h"
#include "runtime/tiled.h"

MOTE_SHARED(mote_tiled_s16_avx512)
MOTE_TARGET void mote_tiled_s16_avx512(const mote_tiled_params* params,
                                       const mote_operand* operands, int32_t row_begin,
                                       int32_t row_end) {
  mote_tiled_rows(params, operands, row_begin, row_end);
}
#endif
