/* The kernels of DepthwiseConv2D, for activations [N, H, W, C] and weights [1, KH, KW, C * M].
 * Operands: runtime/weighted.h. Formulas: depthwise_conv2d.h and docs/arithmetic.md. Tested by
 * depthwise_conv2d_test.cc. */
#ifndef MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_KERNELS_H
#define MOTE_OPS_DEPTHWISE_CONV2D_DEPTHWISE_CONV2D_KERNELS_H

#include "runtime/operand.h"

MOTE_C_BEGIN

#define MOTE_FIELDS_OF_depthwise_conv2d(FIELD) \
  FIELD(int32_t, batch)                        \
  FIELD(int32_t, input_height)                 \
  FIELD(int32_t, input_width)                  \
  FIELD(int32_t, input_channels)               \
  FIELD(int32_t, output_width)                 \
  FIELD(int32_t, depth_multiplier)             \
  FIELD(int32_t, window_height)                \
  FIELD(int32_t, window_width)                 \
  FIELD(int32_t, stride_height)                \
  FIELD(int32_t, stride_width)                 \
  FIELD(int32_t, dilation_height)              \
  FIELD(int32_t, dilation_width)               \
  FIELD(int32_t, padding_top)                  \
  FIELD(int32_t, padding_left)

#define MOTE_FIELDS_OF_depthwise_conv2d_f32(FIELD) \
  FIELD(float, activation_min)                     \
  FIELD(float, activation_max)                     \
  MOTE_FIELDS_OF_depthwise_conv2d(FIELD)

#define MOTE_FIELDS_OF_depthwise_conv2d_s8(FIELD) \
  FIELD(int32_t, input_zero_point)                \
  FIELD(int32_t, output_zero_point)               \
  FIELD(int32_t, activation_min)                  \
  FIELD(int32_t, activation_max)                  \
  FIELD(int32_t, rounding)                        \
  MOTE_FIELDS_OF_depthwise_conv2d(FIELD)

/* bias_bits: of the bias, 64 (or none) or 32, which decides the rescaling. */
#define MOTE_FIELDS_OF_depthwise_conv2d_s16(FIELD) \
  FIELD(int32_t, activation_min)                   \
  FIELD(int32_t, activation_max)                   \
  FIELD(int32_t, bias_bits)                        \
  FIELD(int32_t, rounding)                         \
  MOTE_FIELDS_OF_depthwise_conv2d(FIELD)

typedef struct mote_depthwise_conv2d_f32_params {
  MOTE_FIELDS_OF_depthwise_conv2d_f32(MOTE_PARAM_FIELD)
} mote_depthwise_conv2d_f32_params;

typedef struct mote_depthwise_conv2d_s8_params {
  MOTE_FIELDS_OF_depthwise_conv2d_s8(MOTE_PARAM_FIELD)
} mote_depthwise_conv2d_s8_params;

typedef struct mote_depthwise_conv2d_s16_params {
  MOTE_FIELDS_OF_depthwise_conv2d_s16(MOTE_PARAM_FIELD)
} mote_depthwise_conv2d_s16_params;

void mote_depthwise_conv2d_f32(const mote_depthwise_conv2d_f32_params* params,
                               const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_depthwise_conv2d_s8(const mote_depthwise_conv2d_s8_params* params,
                              const mote_operand* operands, int32_t row_begin, int32_t row_end);
void mote_depthwise_conv2d_s16(const mote_depthwise_conv2d_s16_params* params,
                               const mote_operand* operands, int32_t row_begin, int32_t row_end);

/* By pairs of int16 (runtime/pairs.h); depthwise_conv2d_dsp.h says what its scratch holds. */
void mote_depthwise_conv2d_s8_dsp(const mote_depthwise_conv2d_s8_params* params,
                                  const mote_operand* operands, int32_t row_begin, int32_t row_end);

/* The same of windows three wide, not dilated in a row and at most two apart there. */
void mote_depthwise_conv2d_s8_planes(const mote_depthwise_conv2d_s8_params* params,
                                     const mote_operand* operands, int32_t row_begin,
                                     int32_t row_end);

/* int8 weights between float activations. Operands: the input as quantize_dynamic gives it,
 * weights, bias (data NULL: none), the weights' scale of each output channel, the input's scale and
 * zero point of each image, output. */
void mote_depthwise_conv2d_f32s8(const mote_depthwise_conv2d_f32_params* params,
                                 const mote_operand* operands, int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
