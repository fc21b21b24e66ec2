/* Kernels of BatchNorm: output = input * scale + offset. A row has `width` vectors of `channels`
 * elements. */
#ifndef MOTE_OPS_BATCH_NORM_KERNELS_H
#define MOTE_OPS_BATCH_NORM_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

/* The operands. The output may be the input's memory, the constants are [C]. */
enum {
  MOTE_BATCH_NORM_INPUT,
  MOTE_BATCH_NORM_SCALE,
  MOTE_BATCH_NORM_OFFSET,
  MOTE_BATCH_NORM_OUTPUT
};

#define MOTE_FIELDS_OF_batch_norm_f32(FIELD) \
  FIELD(int32_t, batch)                      \
  FIELD(int32_t, width)                      \
  FIELD(int32_t, channels)
typedef struct mote_batch_norm_f32_params {
  MOTE_FIELDS_OF_batch_norm_f32(MOTE_PARAM_FIELD)
} mote_batch_norm_f32_params;

void mote_batch_norm_f32(const mote_batch_norm_f32_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
