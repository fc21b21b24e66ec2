/* The kernels of FullyConnected: every output vector of O elements is made of one input vector of I
 * and weights [O, I]. Row r of image n holds `row_vectors` of them, in the input as in the output.
 * Operands: runtime/weighted.h. Formulas: fully_connected.h and docs/arithmetic.md. Tested by
 * fully_connected_test.cc. */
#ifndef MOTE_OPS_FULLY_CONNECTED_FULLY_CONNECTED_KERNELS_H
#define MOTE_OPS_FULLY_CONNECTED_FULLY_CONNECTED_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_fully_connected(FIELD) \
  FIELD(int32_t, batch)                       \
  FIELD(int32_t, row_vectors)                 \
  FIELD(int32_t, input_channels)              \
  FIELD(int32_t, output_channels)

#define MOTE_FIELDS_OF_fully_connected_f32(FIELD) \
  FIELD(float, activation_min)                    \
  FIELD(float, activation_max)                    \
  MOTE_FIELDS_OF_fully_connected(FIELD)

#define MOTE_FIELDS_OF_fully_connected_s8(FIELD) \
  FIELD(int32_t, input_zero_point)               \
  FIELD(int32_t, output_zero_point)              \
  FIELD(int32_t, activation_min)                 \
  FIELD(int32_t, activation_max)                 \
  FIELD(int32_t, rounding)                       \
  MOTE_FIELDS_OF_fully_connected(FIELD)

/* bias_bits: of the bias, 64 (or none) or 32, which decides the rescaling. */
#define MOTE_FIELDS_OF_fully_connected_s16(FIELD) \
  FIELD(int32_t, activation_min)                  \
  FIELD(int32_t, activation_max)                  \
  FIELD(int32_t, bias_bits)                       \
  FIELD(int32_t, rounding)                        \
  MOTE_FIELDS_OF_fully_connected(FIELD)

typedef struct mote_fully_connected_f32_params {
  MOTE_FIELDS_OF_fully_connected_f32(MOTE_PARAM_FIELD)
} mote_fully_connected_f32_params;

typedef struct mote_fully_connected_s8_params {
  MOTE_FIELDS_OF_fully_connected_s8(MOTE_PARAM_FIELD)
} mote_fully_connected_s8_params;

typedef struct mote_fully_connected_s16_params {
  MOTE_FIELDS_OF_fully_connected_s16(MOTE_PARAM_FIELD)
} mote_fully_connected_s16_params;

void mote_fully_connected_f32(const mote_fully_connected_f32_params* params,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_fully_connected_s8(const mote_fully_connected_s8_params* params,
                             const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_fully_connected_s16(const mote_fully_connected_s16_params* params,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end);

/* Of weights that are multiplied as they are read (runtime/taps.h). */
void mote_fully_connected_s8_sparse(const mote_fully_connected_s8_params* params,
                                    const mote_operand* operands, int32_t row_begin,
                                    int32_t row_end);
void mote_fully_connected_f32s8_sparse(const mote_fully_connected_f32_params* params,
                                       const mote_operand* operands, int32_t row_begin,
                                       int32_t row_end);

/* int8 weights between float activations. Operands: the input as quantize_dynamic gives it,
 * weights, bias (data NULL: none), the weights' scale of each output channel, the input's scale and
 * zero point of each vector, output. */
void mote_fully_connected_f32s8(const mote_fully_connected_f32_params* params,
                                const mote_operand* operands, int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
