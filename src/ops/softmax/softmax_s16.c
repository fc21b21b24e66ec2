/* Softmax on int16, the normative form: exp and the reciprocal from tables that the host has made,
 * the sum exact. The output holds the exponentials until the sum is known. Tested by
 * softmax_test.cc and the golden operators. */
#include "ops/softmax/softmax_kernels.h"
#include "runtime/arithmetic/fixed_point.h"

/* The table at an int16, linear between its entries. */
static int32_t look_up(const int16_t* table, int32_t at) {
  const int32_t entry = 256 + mote_shift_right_s32(at, 7);
  const int32_t slope = table[entry + 1] - table[entry];
  return table[entry] + mote_shift_right_half_up_s32(slope * (at & 127), 7);
}

static int32_t exponential(const mote_softmax_s16_params* params, const int16_t* table,
                           int32_t difference) {
  const int32_t at =
      mote_requantize_rounded_s32(difference, params->multiplier, params->shift, params->rounding) +
      INT16_MAX;
  return look_up(table, mote_clamp_s32(at, INT16_MIN, INT16_MAX));
}

/* 1 / sum: `sum` has `zeros` leading zeros, 1 <= zeros <= 17. It becomes 1 + x in Q1.16; the table
 * is of x in [0, 1], from -2^15. */
static int32_t reciprocal(const int16_t* table, int32_t sum, int32_t zeros) {
  const int32_t whole = mote_shift_left_s32(sum, zeros - 1);
  const int32_t at = mote_shift_right_half_up_s32(whole, 14) - 98304;
  return look_up(table, mote_clamp_s32(at, INT16_MIN, INT16_MAX));
}

static void softmax(const mote_softmax_s16_params* params, const mote_operand* operands,
                    const int16_t* input, int16_t* output) {
  int32_t largest = INT16_MIN;
  for (int32_t c = 0; c < params->channels; c++) largest = mote_max_s32(largest, input[c]);
  int32_t sum = 0;
  for (int32_t c = 0; c < params->channels; c++) {
    const int32_t value =
        exponential(params, operands[MOTE_SOFTMAX_S16_EXPONENTIAL].constant, input[c] - largest);
    output[c] = (int16_t)value;
    sum += value;
  }
  const int32_t zeros = mote_clz32((uint32_t)sum);
  const int32_t factor = reciprocal(operands[MOTE_SOFTMAX_S16_RECIPROCAL].constant, sum, zeros);
  const int32_t shift = 31 - zeros;
  for (int32_t c = 0; c < params->channels; c++) {
    const int32_t share = mote_shift_right_half_up_s32(output[c] * factor, shift);
    output[c] = (int16_t)mote_clamp_s32(share, 0, INT16_MAX);
  }
}

MOTE_SHARED(mote_softmax_s16)
void mote_softmax_s16(const mote_softmax_s16_params* params, const mote_operand* operands,
                      int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int16_t* input = mote_const_row(&operands[MOTE_SOFTMAX_S16_INPUT], image, row);
      int16_t* output = mote_row(&operands[MOTE_SOFTMAX_S16_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        softmax(params, operands, input + x * params->channels, output + x * params->channels);
    }
}
