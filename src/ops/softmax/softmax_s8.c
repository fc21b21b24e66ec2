/* Softmax of int8 to int8 or int16, the normative form, in fixed point: docs/arithmetic.md. Tested
 * by softmax_test.cc and the golden operators. */
#include "ops/softmax/softmax_kernels.h"
#include "runtime/arithmetic/fixed_point.h"

#define DIFFERENCE_INTEGER_BITS 5 /* exp takes Q5.26 */
#define SUM_INTEGER_BITS 12       /* the sum is kept in Q12.19: fewer than 4096 channels */

/* exp(beta * real) in Q0.31 of a difference q - largest, which is at least difference_min. */
static int32_t exponential(const mote_softmax_s8_params* params, int32_t difference) {
  const int32_t raised = mote_shift_left_s32(difference, params->shift);
  return mote_exp_on_negative_s32(mote_srdhm_s32(raised, params->multiplier),
                                  DIFFERENCE_INTEGER_BITS);
}

static int32_t sum_of_exponentials(const mote_softmax_s8_params* params, const int8_t* input,
                                   int32_t largest) {
  int32_t sum = 0;
  for (int32_t c = 0; c < params->channels; c++) {
    const int32_t difference = input[c] - largest;
    if (difference >= params->difference_min)
      sum += mote_rounding_divide_by_pot_s32(exponential(params, difference), SUM_INTEGER_BITS);
  }
  return sum;
}

static void store(const mote_softmax_s8_params* params, void* output, int32_t at, int32_t share) {
  const int32_t result =
      mote_clamp_s32(share + params->output_min, params->output_min, params->output_max);
  if (params->output_bits == 16)
    ((int16_t*)output)[at] = (int16_t)result;
  else
    ((int8_t*)output)[at] = (int8_t)result;
}

/* `output` is the whole row, of which the vector begins at element `at`. */
static void softmax(const mote_softmax_s8_params* params, const int8_t* input, void* output,
                    int32_t at) {
  int32_t largest = input[0];
  for (int32_t c = 1; c < params->channels; c++) largest = mote_max_s32(largest, input[c]);

  /* sum = 2^(12 - headroom) * (1 + fraction) in Q12.19, fraction in [0, 1) */
  const uint32_t sum = (uint32_t)sum_of_exponentials(params, input, largest);
  const int32_t headroom = mote_clz32(sum);
  const int32_t fraction = mote_shift_left_s32((int32_t)sum, headroom) - INT32_MIN;
  const int32_t reciprocal = mote_reciprocal_of_one_plus_s32(fraction);
  /* Q0.31 to 8 or 16 bits, and the power of two of the sum; beyond 31 everything rounds to 0. */
  const int32_t exponent = SUM_INTEGER_BITS - headroom + 31 - params->output_bits;

  for (int32_t c = 0; c < params->channels; c++) {
    const int32_t difference = input[c] - largest;
    int32_t share = 0;
    if (difference >= params->difference_min && exponent <= 31)
      share = mote_rounding_divide_by_pot_s32(
          mote_srdhm_s32(reciprocal, exponential(params, difference)), exponent);
    store(params, output, at + c, share);
  }
}

MOTE_SHARED(mote_softmax_s8)
void mote_softmax_s8(const mote_softmax_s8_params* params, const mote_operand* operands,
                     int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < params->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++) {
      const int8_t* input = mote_const_row(&operands[MOTE_UNARY_INPUT], image, row);
      void* output = mote_row(&operands[MOTE_UNARY_OUTPUT], image, row);
      for (int32_t x = 0; x < params->width; x++)
        softmax(params, input + x * params->channels, output, x * params->channels);
    }
}
