/* Add on int8 with AVX2, for processors that have it: bit-identical with add_s8.c. Tested by
 * tests/differential/variants_test.cc. */
#include "ops/add/add_kernels.h"

#if defined(__x86_64__)
#include "runtime/lanes_avx2.h"

static inline MOTE_AVX2 __m256i rescale(__m256i q, int32_t zero_point, int32_t multiplier,
                                        int32_t shift) {
  const __m256i value = _mm256_sub_epi32(q, _mm256_set1_epi32(zero_point));
  return mote_requantize_avx2(mote_shift_left_avx2(value, MOTE_SUM_S8_LEFT_SHIFT),
                              _mm256_set1_epi32(multiplier), _mm256_set1_epi32(shift));
}

static inline MOTE_AVX2 __m128i add(const mote_add_s8_params* p, __m256i a, __m256i b) {
  const __m256i sum = _mm256_add_epi32(rescale(a, p->a_zero_point, p->a_multiplier, p->a_shift),
                                       rescale(b, p->b_zero_point, p->b_multiplier, p->b_shift));
  const __m256i output = mote_requantize_avx2(sum, _mm256_set1_epi32(p->output_multiplier),
                                              _mm256_set1_epi32(p->output_shift));
  return mote_narrow_avx2(output, p->output_zero_point, p->activation_min, p->activation_max);
}

static MOTE_AVX2 void add_row(const mote_add_s8_params* p, const int8_t* a, const int8_t* b,
                              int8_t* output) {
  const int32_t elements = p->width * p->channels;
  for (int32_t i = 0; i < elements; i += 8) {
    const int32_t left = elements - i;
    mote_store_s8_avx2(output + i, left,
                       add(p, mote_load_s8_avx2(a + i, left), mote_load_s8_avx2(b + i, left)));
  }
}

MOTE_AVX2 void mote_add_s8_avx2(const mote_add_s8_params* p, const mote_operand* operands,
                                int32_t row_begin, int32_t row_end) {
  for (int32_t image = 0; image < p->batch; image++)
    for (int32_t row = row_begin; row < row_end; row++)
      add_row(p, mote_const_row(&operands[0], image * p->a_image_step, row * p->a_row_step),
              mote_const_row(&operands[1], image * p->b_image_step, row * p->b_row_step),
              mote_row(&operands[2], image, row));
}
#endif
