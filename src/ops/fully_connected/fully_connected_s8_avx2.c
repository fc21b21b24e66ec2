/* FullyConnected on int8 with AVX2, for processors that have it: bit-identical with
 * fully_connected_s8.c. Tested by tests/differential/variants_test.cc. */
#include "ops/fully_connected/fully_connected_kernels.h"

#if defined(__x86_64__)
#include "runtime/tile_avx2.h"
#include "runtime/tiled_s8.h"

/* A row of vectors is a row of pixels under a window of one. */
MOTE_AVX2 void mote_fully_connected_s8_avx2(const mote_fully_connected_s8_params* p,
                                            const mote_operand* operands, int32_t row_begin,
                                            int32_t row_end) {
  const mote_tiled_s8 tiled = {
      .input_zero_point = p->input_zero_point,
      .output_zero_point = p->output_zero_point,
      .activation_min = p->activation_min,
      .activation_max = p->activation_max,
      .batch = p->batch,
      .input_height = row_end,
      .input_width = p->row_vectors,
      .input_channels = p->input_channels,
      .output_width = p->row_vectors,
      .output_channels = p->output_channels,
      .group_inputs = p->input_channels,
      .group_outputs = p->output_channels,
      .window_height = 1,
      .window_width = 1,
      .stride_height = 1,
      .stride_width = 1,
      .dilation_height = 1,
      .dilation_width = 1,
  };
  mote_tiled_rows(&tiled, operands, row_begin, row_end);
}
#endif
