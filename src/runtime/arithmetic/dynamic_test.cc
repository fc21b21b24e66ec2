// dynamic.h against the formulas of docs/arithmetic.md, evaluated in exact rationals that are
// rounded to binary32 and binary64 where the text says so (tests/support/exact.h).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/exact.h"

extern "C" {
#include "runtime/arithmetic/dynamic.h"
}

namespace {

using mote::exact::Integer;
using mote::exact::Rational;
using mote::exact::round_half_away;
using mote::exact::to_binary32;
using mote::exact::to_binary64;

struct ExactScale {
  Rational scale, inv_scale;
  Integer zero_point, lowest;
};

ExactScale exact_symmetric(const Rational& min, const Rational& max) {
  const Rational range = max > -min ? max : Rational(-min);
  return {to_binary32(range / 127), to_binary32(127 / range), 0, -127};
}

ExactScale exact_asymmetric(const Rational& min, const Rational& max) {
  const Rational step = to_binary64(to_binary64(max - min) / 255);
  const Rational below = to_binary64(min / step), above = to_binary64(max / step);
  const bool from_min = to_binary64(128 - below) < to_binary64(127 + above);
  const Rational zero_point =
      to_binary64(from_min ? Rational(-128 - below) : Rational(127 - above));
  const Rational scale = to_binary32(step);
  return {scale, to_binary32(1 / scale), mote::exact::clamp(round_half_away(zero_point), -128, 127),
          -128};
}

Integer exact_integer(float value, const ExactScale& by) {
  const Rational shifted =
      to_binary32(Rational(by.zero_point) + to_binary32(Rational(value) * by.inv_scale));
  return mote::exact::clamp(round_half_away(shifted), by.lowest, 127);
}

struct Range {
  float min, max;
};

// Of all magnitudes, of one sign and of both, narrow and wide.
std::vector<Range> ranges() {
  std::vector<Range> result = {
      {0, 1},       {-1, 0},      {-1, 1}, {-127, 127}, {-128, 127},   {0, 255},         {-255, 0},
      {-1, 1e-30f}, {-1e-30f, 1}, {0, 6},  {-3, 2.5},   {-1e30f, 1e9}, {-1e-20f, 3e-20f}};
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> exponent(-60, 60), fraction(0, 1);
  for (int i = 0; i < 400; i++) {
    const float size = std::exp(exponent(generator));
    result.push_back({-size * fraction(generator), size * fraction(generator)});
  }
  return result;
}

// The ends, and what is halfway between two integers, with its neighbours.
std::vector<float> values_in(const Range& range, const mote_dynamic_scale& by) {
  std::vector<float> values = {0.0f, range.min, range.max};
  for (int step = -255; step <= 255; step++) {
    const float half = (static_cast<float>(step) + 0.5f) * by.scale;
    for (float value : {half, std::nextafter(half, -1e38f), std::nextafter(half, 1e38f)})
      if (value >= range.min && value <= range.max) values.push_back(value);
  }
  return values;
}

void expect_exact(const Range& range, const mote_dynamic_scale& by, const ExactScale& exact) {
  ASSERT_EQ(Rational(by.scale), exact.scale) << range.min << " to " << range.max;
  ASSERT_EQ(Rational(by.inv_scale), exact.inv_scale) << range.min << " to " << range.max;
  ASSERT_EQ(by.zero_point, exact.zero_point) << range.min << " to " << range.max;
  for (float value : values_in(range, by))
    ASSERT_EQ(mote_quantize_dynamic_f32(value, by), exact_integer(value, exact))
        << value << " in " << range.min << " to " << range.max;
}

TEST(Dynamic, SymmetricScalesFollowTheFormula) {
  for (const Range& range : ranges())
    expect_exact(range, mote_symmetric_scale(range.min, range.max),
                 exact_symmetric(range.min, range.max));
}

TEST(Dynamic, AsymmetricScalesFollowTheFormula) {
  for (const Range& range : ranges())
    expect_exact(range, mote_asymmetric_scale(range.min, range.max),
                 exact_asymmetric(range.min, range.max));
}

TEST(Dynamic, NothingButZerosHasScaleOne) {
  for (float largest : {0.0f, 1e-45f, 1e-38f, 3e-37f})
    for (const mote_dynamic_scale& by :
         {mote_symmetric_scale(-largest, 0), mote_symmetric_scale(0, largest),
          mote_asymmetric_scale(-largest, 0), mote_asymmetric_scale(0, largest)}) {
      EXPECT_EQ(by.scale, 1.0f) << largest;
      EXPECT_EQ(by.zero_point, 0) << largest;
      EXPECT_EQ(mote_quantize_dynamic_f32(0.0f, by), 0) << largest;
      EXPECT_EQ(mote_quantize_dynamic_f32(largest, by), 0) << largest;
    }
  EXPECT_LT(mote_symmetric_scale(-1e-36f, 0).scale, 1.0f);
  EXPECT_LT(mote_asymmetric_scale(-1e-36f, 0).scale, 1.0f);
}

// What has no meaning has a value all the same, and it is an integer in range.
TEST(Dynamic, EveryFloatHasAnInteger) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kTiny = std::numeric_limits<float>::denorm_min();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Range range : {Range{-1, 3}, Range{-kTiny, 0}, Range{0, 4 * kTiny},
                            Range{-kInfinity, 1}, Range{-1, kInfinity}, Range{-3.4e38f, 3.4e38f}}) {
    const mote_dynamic_scale symmetric = mote_symmetric_scale(range.min, range.max);
    const mote_dynamic_scale asymmetric = mote_asymmetric_scale(range.min, range.max);
    for (float value : {0.0f, -0.0f, range.min, range.max, kTiny, -kTiny, nan}) {
      EXPECT_LE(std::abs(mote_quantize_dynamic_f32(value, symmetric)), 127);
      EXPECT_LE(std::abs(mote_quantize_dynamic_f32(value, asymmetric) + 0.5), 127.5);
    }
    EXPECT_EQ(mote_quantize_dynamic_f32(0.0f, asymmetric), asymmetric.zero_point);
    EXPECT_EQ(mote_quantize_dynamic_f32(nan, symmetric), 0);
  }
}

TEST(Dynamic, SumsAreRescaledByTheProductOfTheScales) {
  std::mt19937 generator(2);
  std::uniform_real_distribution<float> exponent(-20, 5);
  for (int i = 0; i < 2000; i++) {
    const auto sum = static_cast<int32_t>(generator());
    const float weight = std::exp(exponent(generator)), input = std::exp(exponent(generator));
    const Rational product = to_binary32(Rational(weight) * Rational(input));
    EXPECT_EQ(Rational(mote_dequantize_sum_f32(sum, weight, input)),
              to_binary32(to_binary32(sum) * product));
  }
}

}  // namespace
