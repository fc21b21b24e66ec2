/* Kernels of Conv2D, DepthwiseConv2D and FullyConnected on all types for x86-64, bit-identical
 * with the reference kernels: one loop for all three (runtime/tiled.h). Operands as theirs,
 * constants packed by tiling.h, scratch last. Tested by tests/differential/rows_test.cc. */
#ifndef MOTE_OPS_TILED_TILED_KERNELS_H
#define MOTE_OPS_TILED_TILED_KERNELS_H

#include "runtime/tile.h"

MOTE_C_BEGIN

void mote_tiled_s8_avx2(const mote_tiled_params* params, const mote_operand* operands,
                        int32_t row_begin, int32_t row_end);
void mote_tiled_s8_avx512(const mote_tiled_params* params, const mote_operand* operands,
                          int32_t row_begin, int32_t row_end);
void mote_tiled_s16_avx2(const mote_tiled_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_tiled_s16_avx512(const mote_tiled_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_tiled_f32_avx2(const mote_tiled_params* params, const mote_operand* operands,
                         int32_t row_begin, int32_t row_end);
void mote_tiled_f32_avx512(const mote_tiled_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_tiled_f32s8_avx2(const mote_tiled_params* params, const mote_operand* operands,
                           int32_t row_begin, int32_t row_end);
void mote_tiled_f32s8_avx512(const mote_tiled_params* params, const mote_operand* operands,
                             int32_t row_begin, int32_t row_end);

MOTE_C_END

#endif
