/* Kernels of Mul. Operands: a, b, output; the output may lie in the memory of an operand of its
 * shape. int16 has the parameters of int8. */
#ifndef MOTE_OPS_MUL_KERNELS_H
#define MOTE_OPS_MUL_KERNELS_H

#include "runtime/broadcast.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_mul_f32(FIELD) \
  MOTE_BROADCAST_FIELDS(FIELD)        \
  FIELD(float, activation_min)        \
  FIELD(float, activation_max)
typedef struct mote_mul_f32_params {
  MOTE_FIELDS_OF_mul_f32(MOTE_PARAM_FIELD)
} mote_mul_f32_params;

#define MOTE_FIELDS_OF_mul_s8(FIELD) \
  MOTE_BROADCAST_FIELDS(FIELD)       \
  FIELD(int32_t, a_zero_point)       \
  FIELD(int32_t, b_zero_point)       \
  FIELD(int32_t, output_zero_point)  \
  FIELD(int32_t, multiplier)         \
  FIELD(int32_t, shift)              \
  FIELD(int32_t, rounding)           \
  FIELD(int32_t, activation_min)     \
  FIELD(int32_t, activation_max)
typedef struct mote_mul_s8_params {
  MOTE_FIELDS_OF_mul_s8(MOTE_PARAM_FIELD)
} mote_mul_s8_params;

/* How far a product may be shifted to the left: 255 * 255 * 2^15 and 2^15 * 2^15 are below 2^31. */
#define MOTE_MUL_S8_MAX_SHIFT 15
#define MOTE_MUL_S16_MAX_SHIFT 0

void mote_mul_f32(const mote_mul_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end);
void mote_mul_s8(const mote_mul_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end);
void mote_mul_s16(const mote_mul_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end);

MOTE_C_END

#endif
