/* Reshape itself has no kernel: its output is its input. `copy` moves the bytes where both lie in
 * memory of the caller. Operands: input, output. */
#ifndef MOTE_OPS_RESHAPE_KERNELS_H
#define MOTE_OPS_RESHAPE_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_copy(FIELD) \
  FIELD(int32_t, batch)            \
  FIELD(int32_t, row_bytes)
typedef struct mote_copy_params {
  MOTE_FIELDS_OF_copy(MOTE_PARAM_FIELD)
} mote_copy_params;

void mote_copy(const mote_copy_params* params, const mote_operand* operands, int32_t row_begin,
               int32_t row_end);

MOTE_C_END

#endif
