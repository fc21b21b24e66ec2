/* Kernels of Relu6. Operands: input, output, which may be the same memory. int16 has the
 * parameters of int8. */
#ifndef MOTE_OPS_RELU6_KERNELS_H
#define MOTE_OPS_RELU6_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_relu6_f32(FIELD) \
  FIELD(int32_t, batch)                 \
  FIELD(int32_t, row_elements)
typedef struct mote_relu6_f32_params {
  MOTE_FIELDS_OF_relu6_f32(MOTE_PARAM_FIELD)
} mote_relu6_f32_params;

/* The output has the input's quantization: activation_min and _max stand for real 0 and 6. */
#define MOTE_FIELDS_OF_relu6_s8(FIELD) \
  FIELD(int32_t, batch)                \
  FIELD(int32_t, row_elements)         \
  FIELD(int32_t, activation_min)       \
  FIELD(int32_t, activation_max)
typedef struct mote_relu6_s8_params {
  MOTE_FIELDS_OF_relu6_s8(MOTE_PARAM_FIELD)
} mote_relu6_s8_params;

void mote_relu6_f32(const mote_relu6_f32_params* params, const mote_operand* operands,
                    int32_t row_begin, int32_t row_end);
void mote_relu6_s8(const mote_relu6_s8_params* params, const mote_operand* operands,
                   int32_t row_begin, int32_t row_end);
void mote_relu6_s16(const mote_relu6_s8_params* params, const mote_operand* operands,
                    int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
