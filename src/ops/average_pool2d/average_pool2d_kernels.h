/* Kernels of AveragePool2D. Operands: input, output. Padding is above and to the left of the input;
 * what a window reaches beyond the image does not count. int16 has the
 * parameters of int8. */
#ifndef MOTE_OPS_AVERAGE_POOL2D_KERNELS_H
#define MOTE_OPS_AVERAGE_POOL2D_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_AVERAGE_POOL2D_GEOMETRY(FIELD) \
  FIELD(int32_t, batch)                     \
  FIELD(int32_t, channels)                  \
  FIELD(int32_t, input_height)              \
  FIELD(int32_t, input_width)               \
  FIELD(int32_t, output_width)              \
  FIELD(int32_t, window_height)             \
  FIELD(int32_t, window_width)              \
  FIELD(int32_t, stride_height)             \
  FIELD(int32_t, stride_width)              \
  FIELD(int32_t, padding_top)               \
  FIELD(int32_t, padding_left)

#define MOTE_FIELDS_OF_average_pool2d_f32(FIELD) \
  MOTE_AVERAGE_POOL2D_GEOMETRY(FIELD)            \
  FIELD(float, activation_min)                   \
  FIELD(float, activation_max)
typedef struct mote_average_pool2d_f32_params {
  MOTE_FIELDS_OF_average_pool2d_f32(MOTE_PARAM_FIELD)
} mote_average_pool2d_f32_params;

#define MOTE_FIELDS_OF_average_pool2d_s8(FIELD) \
  MOTE_AVERAGE_POOL2D_GEOMETRY(FIELD)           \
  FIELD(int32_t, activation_min)                \
  FIELD(int32_t, activation_max)
typedef struct mote_average_pool2d_s8_params {
  MOTE_FIELDS_OF_average_pool2d_s8(MOTE_PARAM_FIELD)
} mote_average_pool2d_s8_params;

void mote_average_pool2d_f32(const mote_average_pool2d_f32_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_average_pool2d_s8(const mote_average_pool2d_s8_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_average_pool2d_s16(const mote_average_pool2d_s8_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
