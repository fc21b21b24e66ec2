/* Kernels of Add. Operands: a, b, output; the output may lie in the memory of an operand of its
 * shape. int16 has the parameters of int8. */
#ifndef MOTE_OPS_ADD_KERNELS_H
#define MOTE_OPS_ADD_KERNELS_H

#include "runtime/broadcast.h"

#define MOTE_FIELDS_OF_add_f32(FIELD) \
  MOTE_BROADCAST_FIELDS(FIELD)        \
  FIELD(float, activation_min)        \
  FIELD(float, activation_max)
typedef struct mote_add_f32_params {
  MOTE_FIELDS_OF_add_f32(MOTE_PARAM_FIELD)
} mote_add_f32_params;

/* Both terms are rescaled to the fixed point 2 max(scale_a, scale_b) / 2^20 (int16: 2^15), added,
 * and rescaled. */
#define MOTE_FIELDS_OF_add_s8(FIELD) \
  MOTE_BROADCAST_FIELDS(FIELD)       \
  FIELD(int32_t, a_zero_point)       \
  FIELD(int32_t, a_multiplier)       \
  FIELD(int32_t, a_shift)            \
  FIELD(int32_t, b_zero_point)       \
  FIELD(int32_t, b_multiplier)       \
  FIELD(int32_t, b_shift)            \
  FIELD(int32_t, output_zero_point)  \
  FIELD(int32_t, output_multiplier)  \
  FIELD(int32_t, output_shift)       \
  FIELD(int32_t, rounding)           \
  FIELD(int32_t, activation_min)     \
  FIELD(int32_t, activation_max)
typedef struct mote_add_s8_params {
  MOTE_FIELDS_OF_add_s8(MOTE_PARAM_FIELD)
} mote_add_s8_params;

#define MOTE_ADD_S8_LEFT_SHIFT 20
#define MOTE_ADD_S16_LEFT_SHIFT 15

void mote_add_f32(const mote_add_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end);
void mote_add_s8(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end);
void mote_add_s16(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end);

/* Variants for x86-64, where every row of a and b is as long as the output's (prepare_add_s8). */
void mote_add_s8_avx2(const mote_add_s8_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end);
void mote_add_s8_avx512(const mote_add_s8_params* params, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end);

#endif
