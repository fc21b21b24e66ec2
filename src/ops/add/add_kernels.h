/* Kernels of Add. Operands: a, b, output; the output may lie in the memory of an operand of its
 * shape. int16 has the parameters of int8. */
#ifndef MOTE_OPS_ADD_KERNELS_H
#define MOTE_OPS_ADD_KERNELS_H

#include "runtime/sum.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_add_f32(FIELD) \
  MOTE_BROADCAST_FIELDS(FIELD)        \
  FIELD(float, activation_min)        \
  FIELD(float, activation_max)
typedef struct mote_add_f32_params {
  MOTE_FIELDS_OF_add_f32(MOTE_PARAM_FIELD)
} mote_add_f32_params;

#define MOTE_FIELDS_OF_add_s8(FIELD) MOTE_SUM_S8_FIELDS(FIELD)
typedef struct mote_add_s8_params {
  MOTE_FIELDS_OF_add_s8(MOTE_PARAM_FIELD)
} mote_add_s8_params;

void mote_add_f32(const mote_add_f32_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end);
void mote_add_s8(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                 int32_t row_end);
void mote_add_s16(const mote_add_s8_params* params, const mote_operand* operands, int32_t row_begin,
                  int32_t row_end);

/* Variants for where every row of a and b is as long as the output's (prepare_add): for Arm's DSP
 * extension, and for x86-64. */
void mote_add_s8_dsp(const mote_add_s8_params* params, const mote_operand* operands,
                     int32_t row_begin, int32_t row_end);
void mote_add_s8_avx2(const mote_add_s8_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end);
void mote_add_s8_avx512(const mote_add_s8_params* params, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end);
void mote_add_s16_avx2(const mote_add_s8_params* params, const mote_operand* operands,
                       int32_t row_begin, int32_t row_end);
void mote_add_s16_avx512(const mote_add_s8_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
