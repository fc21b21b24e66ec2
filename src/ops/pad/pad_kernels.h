/* Kernels of Pad. Operands: input, output. Sizes are those of the tensors as [N, H, W, C]; the
 * first element of the input lies at [before_image, before_row, before_column, before_channel].
 * int16 has the parameters of int8. */
#ifndef MOTE_OPS_PAD_KERNELS_H
#define MOTE_OPS_PAD_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_PAD_GEOMETRY(FIELD)  \
  FIELD(int32_t, input_batch)     \
  FIELD(int32_t, input_height)    \
  FIELD(int32_t, input_width)     \
  FIELD(int32_t, input_channels)  \
  FIELD(int32_t, output_batch)    \
  FIELD(int32_t, output_width)    \
  FIELD(int32_t, output_channels) \
  FIELD(int32_t, before_image)    \
  FIELD(int32_t, before_row)      \
  FIELD(int32_t, before_column)   \
  FIELD(int32_t, before_channel)

#define MOTE_FIELDS_OF_pad_f32(FIELD) \
  MOTE_PAD_GEOMETRY(FIELD)            \
  FIELD(float, value)
typedef struct mote_pad_f32_params {
  MOTE_FIELDS_OF_pad_f32(MOTE_PARAM_FIELD)
} mote_pad_f32_params;

#define MOTE_FIELDS_OF_pad_s8(FIELD) \
  MOTE_PAD_GEOMETRY(FIELD)           \
  FIELD(int32_t, value)
typedef struct mote_pad_s8_params {
  MOTE_FIELDS_OF_pad_s8(MOTE_PARAM_FIELD)
} mote_pad_s8_params;

void mote_pad_f32(const mote_pad_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end);
void mote_pad_s8(const mote_pad_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end);
void mote_pad_s16(const mote_pad_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end);

MOTE_C_END

#endif
