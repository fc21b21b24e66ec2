/* Kernels of BatchNorm. Operands: input, scale [C], offset [C], output, which may be the input's
 * memory. output = input * scale + offset. A row has `width` vectors of `channels` elements. */
#ifndef MOTE_OPS_BATCH_NORM_KERNELS_H
#define MOTE_OPS_BATCH_NORM_KERNELS_H

#include "runtime/operand.h"

#define MOTE_FIELDS_OF_batch_norm_f32(FIELD) \
  FIELD(int32_t, batch)                      \
  FIELD(int32_t, width)                      \
  FIELD(int32_t, channels)
typedef struct mote_batch_norm_f32_params {
  MOTE_FIELDS_OF_batch_norm_f32(MOTE_PARAM_FIELD)
} mote_batch_norm_f32_params;

void mote_batch_norm_f32(const mote_batch_norm_f32_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);

#endif
