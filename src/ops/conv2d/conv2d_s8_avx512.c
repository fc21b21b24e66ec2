/* Conv2D on int8 with AVX-512 VNNI, for processors that have it: bit-identical with conv2d_s8.c.
 * Tested by tests/differential/variants_test.cc. */
#include "ops/conv2d/conv2d_kernels.h"

#if defined(__x86_64__)
#include "runtime/tile_avx512.h"
#include "runtime/tiled_s8.h"

MOTE_AVX512 void mote_conv2d_s8_avx512(const mote_conv2d_s8_params* p, const mote_operand* operands,
                                       int32_t row_begin, int32_t row_end) {
  const mote_tiled_s8 tiled = {
      .input_zero_point = p->input_zero_point,
      .output_zero_point = p->output_zero_point,
      .activation_min = p->activation_min,
      .activation_max = p->activation_max,
      .batch = p->batch,
      .input_height = p->input_height,
      .input_width = p->input_width,
      .input_channels = p->input_channels,
      .output_width = p->output_width,
      .output_channels = p->output_channels,
      .group_inputs = p->group_inputs,
      .group_outputs = p->group_outputs,
      .window_height = p->window_height,
      .window_width = p->window_width,
      .stride_height = p->stride_height,
      .stride_width = p->stride_width,
      .dilation_height = p->dilation_height,
      .dilation_width = p->dilation_width,
      .padding_top = p->padding_top,
      .padding_left = p->padding_left,
  };
  mote_tiled_rows(&tiled, operands, row_begin, row_end);
}
#endif
