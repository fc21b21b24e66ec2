/* Kernels of LeakyRelu. Operands: input, output, which may be the same memory. int16 has the
 * parameters of int8. */
#ifndef MOTE_OPS_LEAKY_RELU_KERNELS_H
#define MOTE_OPS_LEAKY_RELU_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_leaky_relu_f32(FIELD) \
  FIELD(int32_t, batch)                      \
  FIELD(int32_t, row_elements)               \
  FIELD(float, alpha)
typedef struct mote_leaky_relu_f32_params {
  MOTE_FIELDS_OF_leaky_relu_f32(MOTE_PARAM_FIELD)
} mote_leaky_relu_f32_params;

/* Rescales inputs from the zero point on by one factor, those below by another, whose multiplier is
 * negative where alpha is. */
#define MOTE_FIELDS_OF_leaky_relu_s8(FIELD) \
  FIELD(int32_t, batch)                     \
  FIELD(int32_t, row_elements)              \
  FIELD(int32_t, input_zero_point)          \
  FIELD(int32_t, output_zero_point)         \
  FIELD(int32_t, positive_multiplier)       \
  FIELD(int32_t, positive_shift)            \
  FIELD(int32_t, negative_multiplier)       \
  FIELD(int32_t, negative_shift)            \
  FIELD(int32_t, rounding)
typedef struct mote_leaky_relu_s8_params {
  MOTE_FIELDS_OF_leaky_relu_s8(MOTE_PARAM_FIELD)
} mote_leaky_relu_s8_params;

void mote_leaky_relu_f32(const mote_leaky_relu_f32_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_leaky_relu_s8(const mote_leaky_relu_s8_params* params, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end);
void mote_leaky_relu_s16(const mote_leaky_relu_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
