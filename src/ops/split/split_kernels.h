/* The kernel of Split, which moves bytes and so serves every type; one call makes one output.
 * Operands: input, output. A row of the output is `blocks` blocks of block_bytes, which lie
 * block_step_bytes apart in a row of the input, from begin_bytes on. */
#ifndef MOTE_OPS_SPLIT_KERNELS_H
#define MOTE_OPS_SPLIT_KERNELS_H

#include "runtime/operand.h"

#define MOTE_FIELDS_OF_split(FIELD) \
  FIELD(int32_t, batch)             \
  FIELD(int32_t, begin_image)       \
  FIELD(int32_t, begin_row)         \
  FIELD(int32_t, begin_bytes)       \
  FIELD(int32_t, blocks)            \
  FIELD(int32_t, block_bytes)       \
  FIELD(int32_t, block_step_bytes)
typedef struct mote_split_params {
  MOTE_FIELDS_OF_split(MOTE_PARAM_FIELD)
} mote_split_params;

void mote_split(const mote_split_params* params, const mote_operand* operands, int32_t row_begin,
                int32_t row_end);

#endif
