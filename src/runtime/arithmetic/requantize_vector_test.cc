// requantize_avx2.h and requantize_avx512.h against the scalar functions, which arithmetic_test.cc
// holds to the formulas: edges of the accumulator, every shift, mantissas at both ends.
#if defined(__x86_64__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's intrinsics: GCC bug 105593
#include <gtest/gtest.h>
#include <immintrin.h>

#include <cstdint>
#include <random>
#include <vector>

extern "C" {
#include "runtime/arithmetic/requantize.h"
#include "runtime/arithmetic/requantize_avx2.h"
#include "runtime/arithmetic/requantize_avx512.h"
}

namespace {

MOTE_AVX2 inline __m256i load(const int32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

constexpr size_t kLanes = 16;

struct Rescale {
  int32_t value, multiplier, shift;
};
struct Output {
  int32_t zero_point, min, max;
};

// Both ends of int32, powers of two with their neighbours in both signs, and random values.
std::vector<int32_t> values() {
  std::vector<int32_t> all = {INT32_MIN, INT32_MIN + 1, INT32_MAX, 0};
  for (int bit = 0; bit < 31; bit++)
    for (int64_t near : {-1, 0, 1})
      for (int64_t sign : {-1, 1})
        all.push_back(static_cast<int32_t>(sign * ((int64_t{1} << bit) + near)));
  std::mt19937 generator(1);
  for (int i = 0; i < 60; i++) all.push_back(static_cast<int32_t>(generator()));
  return all;
}

// All values with all shifts, the multipliers in turn, so that neighbouring lanes differ in all
// three; a whole number of vectors.
std::vector<Rescale> cases() {
  const std::vector<int32_t> multipliers = {
      1 << 30, (1 << 30) + 1, 3 << 29, INT32_MAX, INT32_MAX - 1, 0, 1518500250, 1932735283, 1};
  std::vector<Rescale> all;
  for (int32_t value : values())
    for (int32_t shift = -31; shift <= 31; shift++)
      for (int repeat = 0; repeat < 2; repeat++)
        all.push_back({value, multipliers[all.size() % multipliers.size()], shift});
  while (all.size() % kLanes != 0) all.push_back(all.front());
  return all;
}

// One vector of lanes through the vector form.
using Vector = void (*)(const Rescale* lanes, const Output& output, int32_t* wide, int8_t* narrow);

MOTE_AVX512 void in_avx512(const Rescale* lanes, const Output& output, int32_t* wide,
                           int8_t* narrow) {
  int32_t value[16], multiplier[16], shift[16];
  for (int i = 0; i < 16; i++) {
    value[i] = lanes[i].value;
    multiplier[i] = lanes[i].multiplier;
    shift[i] = lanes[i].shift;
  }
  const __m512i result = mote_requantize_avx512(
      _mm512_loadu_si512(value), _mm512_loadu_si512(multiplier), _mm512_loadu_si512(shift));
  _mm512_storeu_si512(wide, result);
  const __m128i bytes = mote_narrow_avx512(result, output.zero_point, output.min, output.max);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(narrow), bytes);
}

MOTE_AVX2 void in_avx2(const Rescale* lanes, const Output& output, int32_t* wide, int8_t* narrow) {
  int32_t value[8], multiplier[8], shift[8];
  for (int i = 0; i < 8; i++) {
    value[i] = lanes[i].value;
    multiplier[i] = lanes[i].multiplier;
    shift[i] = lanes[i].shift;
  }
  const __m256i result = mote_requantize_avx2(load(value), load(multiplier), load(shift));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(wide), result);
  const __m128i bytes = mote_narrow_avx2(result, output.zero_point, output.min, output.max);
  _mm_storel_epi64(reinterpret_cast<__m128i*>(narrow), bytes);
}

void expect_equal(Vector vector, size_t lanes) {
  const std::vector<Rescale> all = cases();
  const std::vector<Output> outputs = {{0, -128, 127}, {-128, -128, 127}, {127, -3, 5}, {5, 5, 5}};
  for (size_t first = 0; first < all.size(); first += lanes) {
    const Output& output = outputs[first / lanes % outputs.size()];
    int32_t wide[kLanes];
    int8_t narrow[kLanes];
    vector(&all[first], output, wide, narrow);
    for (size_t i = 0; i < lanes; i++) {
      const auto [value, multiplier, shift] = all[first + i];
      const int32_t expected = mote_requantize_s32(value, multiplier, shift);
      ASSERT_EQ(wide[i], expected) << value << " * " << multiplier << " * 2^" << shift;
      const auto shifted = static_cast<int32_t>(static_cast<uint32_t>(expected) +
                                                static_cast<uint32_t>(output.zero_point));
      ASSERT_EQ(narrow[i], mote_clamp_s32(shifted, output.min, output.max));
    }
  }
}

TEST(RequantizeVector, IsTheScalarInAvx2) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor has no AVX2";
  expect_equal(in_avx2, 8);
}

TEST(RequantizeVector, IsTheScalarInAvx512) {
  if (!__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512vl"))
    GTEST_SKIP() << "this processor has no AVX-512 VNNI";
  expect_equal(in_avx512, 16);
}

}  // namespace
#endif
