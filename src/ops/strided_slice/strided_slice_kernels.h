/* The kernel of StridedSlice, which moves bytes and so serves every type. Operands: input, output.
 * Sizes are those of the output as [N, H, W, C]; image and row steps count images and rows of the
 * input, the others bytes, negative ones backwards. A block is one element, or all channels of a
 * pixel where they lie together; `channels` counts blocks. */
#ifndef MOTE_OPS_STRIDED_SLICE_KERNELS_H
#define MOTE_OPS_STRIDED_SLICE_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_strided_slice(FIELD) \
  FIELD(int32_t, batch)                     \
  FIELD(int32_t, width)                     \
  FIELD(int32_t, channels)                  \
  FIELD(int32_t, block_bytes)               \
  FIELD(int32_t, begin_image)               \
  FIELD(int32_t, begin_row)                 \
  FIELD(int32_t, begin_bytes)               \
  FIELD(int32_t, image_step)                \
  FIELD(int32_t, row_step)                  \
  FIELD(int32_t, width_step_bytes)          \
  FIELD(int32_t, channel_step_bytes)
typedef struct mote_strided_slice_params {
  MOTE_FIELDS_OF_strided_slice(MOTE_PARAM_FIELD)
} mote_strided_slice_params;

void mote_strided_slice(const mote_strided_slice_params* params, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
