/* Kernels of Dequantize. Operands: input, output. uint8 and int16 have the parameters of int8. */
#ifndef MOTE_OPS_DEQUANTIZE_KERNELS_H
#define MOTE_OPS_DEQUANTIZE_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_dequantize_s8_f32(FIELD) \
  FIELD(int32_t, batch)                         \
  FIELD(int32_t, row_elements)                  \
  FIELD(float, scale)                           \
  FIELD(int32_t, zero_point)
typedef struct mote_dequantize_s8_f32_params {
  MOTE_FIELDS_OF_dequantize_s8_f32(MOTE_PARAM_FIELD)
} mote_dequantize_s8_f32_params;

void mote_dequantize_s8_f32(const mote_dequantize_s8_f32_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_dequantize_u8_f32(const mote_dequantize_s8_f32_params* params,
                            const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_dequantize_s16_f32(const mote_dequantize_s8_f32_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
