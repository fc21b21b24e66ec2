/* The kernels of TransposeConv, for activations [N, H, W, I] and weights [O, KH, KW, I]: each
 * output pixel gathers the pixels of the input whose windows reach it, so that nothing is scattered
 * into memory of its own. Operands: runtime/weighted.h. Formulas: docs/arithmetic.md. */
#ifndef MOTE_OPS_TRANSPOSE_CONV_KERNELS_H
#define MOTE_OPS_TRANSPOSE_CONV_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_transpose_conv(FIELD) \
  FIELD(int32_t, batch)                      \
  FIELD(int32_t, input_height)               \
  FIELD(int32_t, input_width)                \
  FIELD(int32_t, input_channels)             \
  FIELD(int32_t, output_width)               \
  FIELD(int32_t, output_channels)            \
  FIELD(int32_t, window_height)              \
  FIELD(int32_t, window_width)               \
  FIELD(int32_t, stride_height)              \
  FIELD(int32_t, stride_width)               \
  FIELD(int32_t, padding_top)                \
  FIELD(int32_t, padding_left)

#define MOTE_FIELDS_OF_transpose_conv_f32(FIELD) \
  FIELD(float, activation_min)                   \
  FIELD(float, activation_max)                   \
  MOTE_FIELDS_OF_transpose_conv(FIELD)

#define MOTE_FIELDS_OF_transpose_conv_s8(FIELD) \
  FIELD(int32_t, input_zero_point)              \
  FIELD(int32_t, output_zero_point)             \
  FIELD(int32_t, activation_min)                \
  FIELD(int32_t, activation_max)                \
  FIELD(int32_t, rounding)                      \
  MOTE_FIELDS_OF_transpose_conv(FIELD)

#define MOTE_FIELDS_OF_transpose_conv_s16(FIELD) \
  FIELD(int32_t, activation_min)                 \
  FIELD(int32_t, activation_max)                 \
  MOTE_FIELDS_OF_transpose_conv(FIELD)

typedef struct mote_transpose_conv_f32_params {
  MOTE_FIELDS_OF_transpose_conv_f32(MOTE_PARAM_FIELD)
} mote_transpose_conv_f32_params;

typedef struct mote_transpose_conv_s8_params {
  MOTE_FIELDS_OF_transpose_conv_s8(MOTE_PARAM_FIELD)
} mote_transpose_conv_s8_params;

typedef struct mote_transpose_conv_s16_params {
  MOTE_FIELDS_OF_transpose_conv_s16(MOTE_PARAM_FIELD)
} mote_transpose_conv_s16_params;

void mote_transpose_conv_f32(const mote_transpose_conv_f32_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_transpose_conv_s8(const mote_transpose_conv_s8_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_transpose_conv_s16(const mote_transpose_conv_s16_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
