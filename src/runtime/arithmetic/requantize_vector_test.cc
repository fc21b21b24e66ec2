// requantize_avx2.h and requantize_avx512.h against the scalar functions, which arithmetic_test.cc
// holds to the formulas: edges of the accumulator, every shift, mantissas at both ends.
#if defined(__x86_64__)
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12's intrinsics: GCC bug 105593
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <gtest/gtest.h>
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

extern "C" {
#include "runtime/arithmetic/requantize.h"
}

namespace {

constexpr size_t kMostLanes = 16;

struct Lane {
  int64_t bias = 0;
  int32_t value = 0, multiplier = 0, shift = 0;
};
struct Output {
  int32_t zero_point, min, max;
};

// The vector form of an instruction set, on as many lanes as it has.
struct VectorForm {
  size_t lanes;
  void (*rescale)(const Lane* lanes, int32_t raise, int32_t* results);
  void (*rescale_wide)(const Lane* lanes, int32_t* results);
  void (*narrow_s8)(const int32_t* values, const Output& output, int8_t* results);
  void (*narrow_s16)(const int32_t* values, const Output& output, int16_t* results);
};

// The two headers have the same names: the same functions call one and the other.
#define MOTE_VECTOR_FORM                                                                       \
  MOTE_TARGET inline mote_lanes load(const int32_t* from) {                                    \
    mote_lanes lanes;                                                                          \
    std::memcpy(&lanes, from, sizeof lanes);                                                   \
    return lanes;                                                                              \
  }                                                                                            \
  MOTE_TARGET void rescale(const Lane* lanes, int32_t raise, int32_t* results) {               \
    int32_t value[MOTE_LANES], multiplier[MOTE_LANES], shift[MOTE_LANES];                      \
    for (int i = 0; i < MOTE_LANES; i++) {                                                     \
      value[i] = lanes[i].value;                                                               \
      multiplier[i] = lanes[i].multiplier;                                                     \
      shift[i] = lanes[i].shift;                                                               \
    }                                                                                          \
    const mote_rescaling rescaling = mote_rescaling_of(load(multiplier), load(shift), raise);  \
    const mote_lanes rescaled = mote_rescale(load(value), &rescaling);                         \
    std::memcpy(results, &rescaled, sizeof rescaled);                                          \
  }                                                                                            \
  MOTE_TARGET void rescale_wide(const Lane* lanes, int32_t* results) {                         \
    int64_t bias[MOTE_LANES];                                                                  \
    int32_t value[MOTE_LANES], multiplier[MOTE_LANES], shift[MOTE_LANES];                      \
    for (int i = 0; i < MOTE_LANES; i++) {                                                     \
      const auto [b, v, m, s] = lanes[i];                                                      \
      bias[i % 2 * (MOTE_LANES / 2) + i / 2] = mote_scale_s64(b, m, s);                        \
      value[i] = v;                                                                            \
      multiplier[i] = mote_reduce_multiplier(m);                                               \
      shift[i] = 15 - s;                                                                       \
    }                                                                                          \
    const mote_wide sums = mote_wide_add(mote_wide_load(bias), load(value), load(multiplier)); \
    const mote_lanes rescaled = mote_wide_shift_right(sums, load(shift));                      \
    std::memcpy(results, &rescaled, sizeof rescaled);                                          \
  }                                                                                            \
  MOTE_TARGET void narrow_s8(const int32_t* values, const Output& output, int8_t* results) {   \
    mote_lanes four[4];                                                                        \
    std::memcpy(four, values, sizeof four);                                                    \
    const mote_lanes bytes = mote_narrow_s8(four, output.zero_point, output.min, output.max);  \
    std::memcpy(results, &bytes, sizeof bytes);                                                \
  }                                                                                            \
  MOTE_TARGET void narrow_s16(const int32_t* values, const Output& output, int16_t* results) { \
    mote_lanes two[2];                                                                         \
    std::memcpy(two, values, sizeof two);                                                      \
    const mote_lanes words = mote_narrow_s16(two, output.min, output.max);                     \
    std::memcpy(results, &words, sizeof words);                                                \
  }                                                                                            \
  constexpr VectorForm kForm{MOTE_LANES, rescale, rescale_wide, narrow_s8, narrow_s16};

namespace avx2 {
#include "runtime/arithmetic/requantize_avx2.h"
MOTE_VECTOR_FORM
}  // namespace avx2

#undef MOTE_TARGET
#undef MOTE_VECTOR
namespace avx512 {
#include "runtime/arithmetic/requantize_avx512.h"
MOTE_VECTOR_FORM
}  // namespace avx512

const std::vector<int32_t> kMultipliers = {
    1 << 30, (1 << 30) + 1, 3 << 29, INT32_MAX, INT32_MAX - 1, 0, 1518500250, 1932735283, 1};

// Both ends of int32, powers of two with their neighbours in both signs, and random values.
std::vector<int32_t> values() {
  std::vector<int32_t> all = {INT32_MIN, INT32_MIN + 1, INT32_MAX, 0};
  for (int bit = 0; bit < 31; bit++)
    for (int64_t near : {-1, 0, 1})
      for (int64_t sign : {-1, 1})
        all.push_back(static_cast<int32_t>(sign * ((int64_t{1} << bit) + near)));
  std::mt19937 generator(1);
  for (int i = 0; i < 60; i++) {
    all.push_back(static_cast<int32_t>(generator()));
    all.push_back(all.back() >> 2);
  }
  return all;
}

// All values with all shifts, the multipliers in turn, so that neighbouring lanes differ in all
// three; a whole number of vectors. What the vector form does not take is left out.
std::vector<Lane> cases(int32_t raise) {
  std::vector<Lane> all;
  for (int32_t value : values())
    for (int32_t shift = -31; shift <= 30; shift++)
      for (int repeat = 0; repeat < 3; repeat++) {
        const int32_t multiplier = kMultipliers[all.size() % kMultipliers.size()];
        const double magnitude = std::abs(static_cast<double>(value));
        const double raised = std::ldexp(magnitude, raise + std::max(shift, 0));
        const double half = shift < 0 ? std::ldexp(1.0, -shift - 1) : 0.0;
        if (raised >= 0x1p31 || raised * multiplier * 0x1p-31 + 1 + half >= 0x1p31) continue;
        all.push_back({0, value, multiplier, shift});
      }
  while (all.size() % kMostLanes != 0) all.push_back(all.front());
  return all;
}

void expect_rescales(const VectorForm& form, int32_t raise) {
  const std::vector<Lane> all = cases(raise);
  for (size_t first = 0; first < all.size(); first += form.lanes) {
    int32_t results[kMostLanes];
    form.rescale(&all[first], raise, results);
    for (size_t i = 0; i < form.lanes; i++) {
      const auto [bias, value, multiplier, shift] = all[first + i];
      ASSERT_EQ(results[i],
                mote_requantize_s32(mote_shift_left_s32(value, raise), multiplier, shift))
          << value << " * 2^" << raise << " * " << multiplier << " * 2^" << shift;
    }
  }
}

// Sums of a 64-bit bias and a 32-bit value, whose results fit in 32 bits.
void expect_rescales_wide(const VectorForm& form) {
  std::mt19937_64 generator(2);
  std::vector<Lane> all;
  for (int32_t value : values())
    for (int32_t shift = -31; shift < 8; shift++)
      for (int32_t multiplier : kMultipliers) {
        const int bits = std::min(46, 30 - shift);
        const int64_t bias = static_cast<int64_t>(generator()) >> (64 - bits);
        const int64_t largest = std::abs(bias + value);
        if (largest >> std::min(47, 31 - shift) != 0) continue;
        all.push_back({bias, value, multiplier, shift});
      }
  while (all.size() % kMostLanes != 0) all.push_back(all.front());
  std::shuffle(all.begin(), all.end(), generator);
  for (size_t first = 0; first < all.size(); first += form.lanes) {
    int32_t results[kMostLanes];
    form.rescale_wide(&all[first], results);
    for (size_t i = 0; i < form.lanes; i++) {
      const auto [bias, value, multiplier, shift] = all[first + i];
      ASSERT_EQ(results[i], mote_requantize_s64(bias + value, multiplier, shift))
          << bias << " + " << value << ", times " << multiplier << " * 2^" << shift;
    }
  }
}

template <class T>
void expect_narrows(void (*narrow)(const int32_t*, const Output&, T*), size_t count,
                    const std::vector<Output>& outputs) {
  std::vector<int32_t> all = values();
  while (all.size() % count != 0) all.push_back(0);
  for (const Output& output : outputs)
    for (size_t first = 0; first < all.size(); first += count) {
      std::vector<T> results(count);
      narrow(&all[first], output, results.data());
      for (size_t i = 0; i < count; i++)
        ASSERT_EQ(results[i], std::clamp<int64_t>(int64_t{all[first + i]} + output.zero_point,
                                                  output.min, output.max))
            << all[first + i] << " + " << output.zero_point;
    }
}

class RequantizeVector : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const bool is_avx2 = std::string_view(GetParam()) == "avx2";
    if (is_avx2 ? !__builtin_cpu_supports("avx2")
                : !__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512vl"))
      GTEST_SKIP() << "this processor has no " << GetParam();
    form_ = is_avx2 ? avx2::kForm : avx512::kForm;
  }
  VectorForm form_{};
};

TEST_P(RequantizeVector, IsTheScalar) {
  for (int32_t raise : {0, 15, 20}) expect_rescales(form_, raise);
}

TEST_P(RequantizeVector, IsTheScalarOn64Bits) {
  expect_rescales_wide(form_);
}

TEST_P(RequantizeVector, Saturates) {
  expect_narrows<int8_t>(form_.narrow_s8, 4 * form_.lanes,
                         {{0, -128, 127}, {-128, -128, 127}, {127, -3, 5}, {5, 5, 5}});
  expect_narrows<int16_t>(form_.narrow_s16, 2 * form_.lanes,
                          {{0, -32768, 32767}, {0, 0, 32767}, {0, -300, 5}});
}

INSTANTIATE_TEST_SUITE_P(, RequantizeVector, ::testing::Values("avx2", "avx512"),
                         [](const auto& info) { return info.param; });

}  // namespace
#endif
