/* How kernels read weights, whatever their storage: in tiles of neighbouring output channels, which
 * are the outermost loop of a kernel, so that each is decoded once per call. Weights that need no
 * decoding are one tile. Every reference kernel with an operand `weights` reads it so. Tested by
 * tests/differential/rows_test.cc. */
#ifndef MOTE_RUNTIME_WEIGHTS_H
#define MOTE_RUNTIME_WEIGHTS_H

#include "runtime/operand.h"
#include "runtime/weighted.h"

MOTE_C_BEGIN

/* For the function that computes a row of a tile. Inlined into the loop over tiles, it leaves GCC
 * so few registers that the innermost loop spills: a quarter more instructions on a Cortex-M4. */
#if defined(__GNUC__)
#define MOTE_OUT_OF_LINE __attribute__((noinline))
#else
#define MOTE_OUT_OF_LINE
#endif

typedef struct mote_weight_tile {
  const void* data; /* of channels [begin, end): [outer, end - begin, inner], int8 or float */
  int32_t begin;
  int32_t end;
  int32_t position; /* as decoders count it */
} mote_weight_tile;

/* Moves on to the next tile of operand MOTE_WEIGHTS, or to the first where `tile->end` is 0; 0
 * behind the last. Operand `scratch` is only looked at where there is something to decode. A
 * kernel:
 *
 *   mote_weight_tile tile;
 *   for (tile.end = 0; mote_next_tile(operands, MOTE_INTEGER_SCRATCH, &tile);)
 *     for (int32_t row = row_begin; row < row_end; row++) compute_row(params, operands, &tile,
 * row);
 */
int mote_next_tile(const mote_operand* operands, int32_t scratch, mote_weight_tile* tile);

MOTE_C_END

#endif
