/* Kernels of Quantize. Operands: input, output, which may be the same memory where they have the
 * same type. And quantize_dynamic, which no operator of the graph is: layers of int8 weights
 * between float activations begin with it. */
#ifndef MOTE_OPS_QUANTIZE_KERNELS_H
#define MOTE_OPS_QUANTIZE_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_quantize_f32_s8(FIELD) \
  FIELD(int32_t, batch)                       \
  FIELD(int32_t, row_elements)                \
  FIELD(float, scale)                         \
  FIELD(int32_t, zero_point)
typedef struct mote_quantize_f32_s8_params {
  MOTE_FIELDS_OF_quantize_f32_s8(MOTE_PARAM_FIELD)
} mote_quantize_f32_s8_params;

/* From one quantization to another, whatever their integer types. */
#define MOTE_FIELDS_OF_quantize_s8_s8(FIELD) \
  FIELD(int32_t, batch)                      \
  FIELD(int32_t, row_elements)               \
  FIELD(int32_t, input_zero_point)           \
  FIELD(int32_t, output_zero_point)          \
  FIELD(int32_t, multiplier)                 \
  FIELD(int32_t, shift)                      \
  FIELD(int32_t, rounding)
typedef struct mote_quantize_s8_s8_params {
  MOTE_FIELDS_OF_quantize_s8_s8(MOTE_PARAM_FIELD)
} mote_quantize_s8_s8_params;

/* Whatever the input's shape, an image is one row here, which is quantized by its own range. */
enum {
  MOTE_QUANTIZE_DYNAMIC_INPUT,
  MOTE_QUANTIZE_DYNAMIC_SCALE, /* of each image */
  MOTE_QUANTIZE_DYNAMIC_ZERO_POINT,
  MOTE_QUANTIZE_DYNAMIC_OUTPUT
};
#define MOTE_FIELDS_OF_quantize_dynamic(FIELD) \
  FIELD(int32_t, batch)                        \
  FIELD(int32_t, row_elements)                 \
  FIELD(int32_t, asymmetric)
typedef struct mote_quantize_dynamic_params {
  MOTE_FIELDS_OF_quantize_dynamic(MOTE_PARAM_FIELD)
} mote_quantize_dynamic_params;

void mote_quantize_f32_s8(const mote_quantize_f32_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_f32_u8(const mote_quantize_f32_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_f32_s16(const mote_quantize_f32_s8_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_quantize_s8_s8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_quantize_s8_u8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_quantize_s8_s16(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s8_s32(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_u8_s8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_quantize_u8_u8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_quantize_u8_s16(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_u8_s32(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s16_s8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s16_u8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s16_s16(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_quantize_s16_s32(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_quantize_s32_s8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s32_u8(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_quantize_s32_s16(const mote_quantize_s8_s8_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_quantize_dynamic(const mote_quantize_dynamic_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
