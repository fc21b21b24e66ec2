/* Kernels of Mean. Operands: input, output. Both are seen as [N, H, W, C], and each dimension of
 * the output is the input's or 1; the window says how much of the input one output element is the
 * mean of: 1 along a dimension that stays, all of it along one that goes. int16 has the parameters
 * of int8. */
#ifndef MOTE_OPS_MEAN_KERNELS_H
#define MOTE_OPS_MEAN_KERNELS_H

#include "runtime/operand.h"

#define MOTE_MEAN_GEOMETRY(FIELD) \
  FIELD(int32_t, batch)           \
  FIELD(int32_t, width)           \
  FIELD(int32_t, channels)        \
  FIELD(int32_t, input_channels)  \
  FIELD(int32_t, window_images)   \
  FIELD(int32_t, window_height)   \
  FIELD(int32_t, window_width)    \
  FIELD(int32_t, window_channels)

#define MOTE_FIELDS_OF_mean_f32(FIELD) MOTE_MEAN_GEOMETRY(FIELD)
typedef struct mote_mean_f32_params {
  MOTE_FIELDS_OF_mean_f32(MOTE_PARAM_FIELD)
} mote_mean_f32_params;

/* `multiplier` and `shift` divide by the window's elements as well; `zero_point_sum` is the input's
 * zero point times as many. */
#define MOTE_FIELDS_OF_mean_s8(FIELD) \
  MOTE_MEAN_GEOMETRY(FIELD)           \
  FIELD(int32_t, zero_point_sum)      \
  FIELD(int32_t, output_zero_point)   \
  FIELD(int32_t, multiplier)          \
  FIELD(int32_t, shift)               \
  FIELD(int32_t, rounding)
typedef struct mote_mean_s8_params {
  MOTE_FIELDS_OF_mean_s8(MOTE_PARAM_FIELD)
} mote_mean_s8_params;

void mote_mean_f32(const mote_mean_f32_params* params, const mote_operand* operands,
                   int32_t row_begin, int32_t row_end);
void mote_mean_s8(const mote_mean_s8_params* params, const mote_operand* operands,
                  int32_t row_begin, int32_t row_end);
void mote_mean_s16(const mote_mean_s8_params* params, const mote_operand* operands,
                   int32_t row_begin, int32_t row_end);

#endif
