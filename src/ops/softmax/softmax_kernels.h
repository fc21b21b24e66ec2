/* Kernels of Softmax over the last dimension. Operands: input, output, which may be the same
 * memory. A row has `width` vectors of `channels` elements. */
#ifndef MOTE_OPS_SOFTMAX_KERNELS_H
#define MOTE_OPS_SOFTMAX_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_softmax_f32(FIELD) \
  FIELD(int32_t, batch)                   \
  FIELD(int32_t, width)                   \
  FIELD(int32_t, channels)                \
  FIELD(float, beta)
typedef struct mote_softmax_f32_params {
  MOTE_FIELDS_OF_softmax_f32(MOTE_PARAM_FIELD)
} mote_softmax_f32_params;

/* multiplier * 2^(shift - 31) takes a difference of inputs to beta * real in Q5.26; what lies more
 * than -difference_min below the largest is 0. The output is of 8 or 16 bits, in [output_min,
 * output_max]; its scale is 2^-output_bits, its zero point output_min. */
#define MOTE_FIELDS_OF_softmax_s8(FIELD) \
  FIELD(int32_t, batch)                  \
  FIELD(int32_t, width)                  \
  FIELD(int32_t, channels)               \
  FIELD(int32_t, multiplier)             \
  FIELD(int32_t, shift)                  \
  FIELD(int32_t, difference_min)         \
  FIELD(int32_t, output_bits)            \
  FIELD(int32_t, output_min)             \
  FIELD(int32_t, output_max)
typedef struct mote_softmax_s8_params {
  MOTE_FIELDS_OF_softmax_s8(MOTE_PARAM_FIELD)
} mote_softmax_s8_params;

/* The operands for int16. A table has MOTE_SOFTMAX_TABLE_STEPS + 1 entries in steps of 2^-15. */
enum {
  MOTE_SOFTMAX_S16_INPUT,
  MOTE_SOFTMAX_S16_EXPONENTIAL, /* a table of exp over [-10, 0] */
  MOTE_SOFTMAX_S16_RECIPROCAL,  /* a table of 1 / (1 + x) over [0, 1] */
  MOTE_SOFTMAX_S16_OUTPUT
};

/* multiplier * 2^(shift - 31) takes a difference of inputs to beta * real in steps of 10 / 65535.
 * Output scale 2^-15. */
#define MOTE_FIELDS_OF_softmax_s16(FIELD) \
  FIELD(int32_t, batch)                   \
  FIELD(int32_t, width)                   \
  FIELD(int32_t, channels)                \
  FIELD(int32_t, multiplier)              \
  FIELD(int32_t, shift)                   \
  FIELD(int32_t, rounding)
typedef struct mote_softmax_s16_params {
  MOTE_FIELDS_OF_softmax_s16(MOTE_PARAM_FIELD)
} mote_softmax_s16_params;

#define MOTE_SOFTMAX_TABLE_STEPS 512

void mote_softmax_f32(const mote_softmax_f32_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end);
void mote_softmax_s8(const mote_softmax_s8_params* params, const mote_operand* operands,
                     int32_t row_begin, int32_t row_end);
void mote_softmax_s16(const mote_softmax_s16_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
