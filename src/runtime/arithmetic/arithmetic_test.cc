// bits.h, requantize.h, multiplier.h and affine.h against an arbitrary-precision evaluation of the
// formulas in docs/arithmetic.md (tests/support/exact.h). Fixed point: fixed_point_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/exact.h"

extern "C" {
#include "runtime/arithmetic/affine.h"
#include "runtime/arithmetic/bits.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/arithmetic/requantize.h"
}

namespace {

using mote::exact::Integer;
using mote::exact::Rational;

constexpr int32_t kMin = INT32_MIN;
constexpr int32_t kMax = INT32_MAX;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<int32_t> random_s32(int count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<int32_t> values;
  for (int i = 0; i < count; i++) values.push_back(static_cast<int32_t>(generator()));
  return values;
}

// Both ends of int32, zero, and every power of two with its neighbours, in both signs.
std::vector<int32_t> edges_s32() {
  std::vector<int32_t> values = {kMin, kMin + 1, kMax - 1, kMax, 0};
  for (int bit = 0; bit < 31; bit++)
    for (int64_t near : {-1, 0, 1})
      for (int64_t sign : {-1, 1})
        values.push_back(static_cast<int32_t>(sign * ((int64_t{1} << bit) + near)));
  return values;
}

std::vector<int32_t> operator+(std::vector<int32_t> a, const std::vector<int32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Mantissas as mote_quantize_multiplier makes them: [2^30, 2^31).
std::vector<int32_t> mantissas() {
  std::vector<int32_t> values = {1 << 30,    (1 << 30) + 1, 3 << 29,    kMax - 1,
                                 kMax,       0x7FFEFFFF,    0x7FFF0000, 0x7FFF7FFF,
                                 0x40007FFF, 0x40008000,    0};
  for (int32_t value : random_s32(5, 3)) values.push_back((value & 0x3FFFFFFF) | 1 << 30);
  return values;
}

bool fits_s32(const Integer& value) {
  return value >= kMin && value <= kMax;
}

// ---- bits.h
// ---------------------------------------------------------------------------------------

TEST(Bits, ClampReturnsTheNearerEnd) {
  EXPECT_EQ(mote_clamp_s32(-129, -128, 127), -128);
  EXPECT_EQ(mote_clamp_s32(-128, -128, 127), -128);
  EXPECT_EQ(mote_clamp_s32(5, -128, 127), 5);
  EXPECT_EQ(mote_clamp_s32(128, -128, 127), 127);
  EXPECT_EQ(mote_clamp_s32(kMin, kMin, kMax), kMin);
  EXPECT_EQ(mote_clamp_s32(kMax, kMin, kMax), kMax);
}

TEST(Bits, LeadingZerosOfEveryLength) {
  EXPECT_EQ(mote_clz32(0), 32);
  for (int length = 1; length <= 32; length++) {
    const uint32_t shortest = uint32_t{1} << (length - 1);
    const uint32_t longest = shortest | (shortest - 1);
    EXPECT_EQ(mote_clz32(shortest), 32 - length);
    EXPECT_EQ(mote_clz32(longest), 32 - length);
  }
}

TEST(Bits, ShiftRightIsAFloor) {
  for (int32_t value : edges_s32() + random_s32(200, 1))
    for (int shift = 0; shift <= 31; shift++) {
      const Rational quotient = Rational(value) * mote::exact::power_of_two(-shift);
      ASSERT_EQ(mote_shift_right_s32(value, shift), mote::exact::floor(quotient));
      const int64_t wide = int64_t{value} * 0x7FFFFFFF;
      const Rational wide_quotient = Rational(wide) * mote::exact::power_of_two(-2 * shift);
      ASSERT_EQ(mote_shift_right_s64(wide, 2 * shift), mote::exact::floor(wide_quotient).get_si());
    }
}

TEST(Bits, ShiftLeftIsModuloTwoToThe32) {
  EXPECT_EQ(mote_shift_left_s32(-3, 4), -48);
  EXPECT_EQ(mote_shift_left_s32(1, 31), kMin);
  EXPECT_EQ(mote_shift_left_s32(3, 31), kMin);
  EXPECT_EQ(mote_shift_left_s32(kMin, 1), 0);
}

TEST(Bits, SaturatingShiftLeft) {
  for (int32_t value : edges_s32() + random_s32(200, 2))
    for (int shift = 0; shift <= 31; shift++)
      ASSERT_EQ(mote_saturating_shift_left_s32(value, shift),
                mote::exact::saturate_s32(Integer(value) << static_cast<unsigned>(shift)))
          << value << " << " << shift;
}

// ---- requantize.h: the two steps
// ------------------------------------------------------------------

TEST(Srdhm, TiesGoUpInBothSigns) {
  EXPECT_EQ(mote_srdhm_s32(1, 1 << 30), 1);    // 0.5
  EXPECT_EQ(mote_srdhm_s32(-1, 1 << 30), 0);   // -0.5
  EXPECT_EQ(mote_srdhm_s32(3, 1 << 30), 2);    // 1.5
  EXPECT_EQ(mote_srdhm_s32(-3, 1 << 30), -1);  // -1.5
}

TEST(Srdhm, OnlyTheProductOfTheTwoMinimaSaturates) {
  EXPECT_EQ(mote_srdhm_s32(kMin, kMin), kMax);
  EXPECT_EQ(mote_srdhm_s32(kMin, kMax), -kMax);
  EXPECT_EQ(mote_srdhm_s32(kMin, kMin + 1), kMax);
  EXPECT_EQ(mote_srdhm_s32(kMax, kMax), kMax - 1);
}

TEST(Srdhm, EveryPairOfEdgesAndRandomNumbers) {
  const auto values = edges_s32() + random_s32(60, 4);
  for (int32_t a : values)
    for (int32_t b : values)
      ASSERT_EQ(mote_srdhm_s32(a, b), mote::exact::srdhm(a, b)) << a << " " << b;
}

// odd * 2^i by odd * 2^(30 - i) is an odd multiple of 2^30: exactly half a unit.
TEST(Srdhm, EveryKindOfTie) {
  for (int i = 0; i <= 30; i++)
    for (int32_t a : {1, -1, 3, -3, 12345, -12345})
      for (int32_t b : {1, -1, 5, -5, 54321, -54321}) {
        const int64_t left = int64_t{a} << i;
        const int64_t right = int64_t{b} << (30 - i);
        if (!fits_s32(left) || !fits_s32(right)) continue;
        const auto x = static_cast<int32_t>(left);
        const auto y = static_cast<int32_t>(right);
        ASSERT_EQ(mote_srdhm_s32(x, y), mote::exact::srdhm(x, y)) << x << " " << y;
      }
}

TEST(RoundingDivideByPot, TiesGoAwayFromZero) {
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(1, 1), 1);    // 0.5
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(-1, 1), -1);  // -0.5
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(-3, 1), -2);  // -1.5
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(6, 2), 2);    // 1.5
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(-6, 2), -2);  // -1.5
}

TEST(RoundingDivideByPot, Ends) {
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(kMin, 31), -1);
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(kMax, 31), 1);
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(kMax, 0), kMax);
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(kMin, 0), kMin);
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(kMax, 1), 1 << 30);
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(-(1 << 30), 31), -1);  // -0.5
  EXPECT_EQ(mote_rounding_divide_by_pot_s32(-(1 << 30) + 1, 31), 0);
}

TEST(RoundingDivideByPot, EveryExponentEveryTieAndItsNeighbours) {
  for (int exponent = 0; exponent <= 31; exponent++) {
    std::vector<int32_t> values = edges_s32() + random_s32(100, 5);
    for (int64_t odd : {1, -1, 3, -3, 5, -5, 255, -255, 1001, -1001}) {
      const int64_t tie = exponent == 0 ? odd : odd * (int64_t{1} << (exponent - 1));
      for (int64_t near : {-1, 0, 1})
        if (fits_s32(tie + near)) values.push_back(static_cast<int32_t>(tie + near));
    }
    for (int32_t value : values)
      ASSERT_EQ(mote_rounding_divide_by_pot_s32(value, exponent),
                mote::exact::rounding_divide_by_pot(value, exponent))
          << value << " / 2^" << exponent;
  }
}

// ---- requantize.h: rescaling
// ----------------------------------------------------------------------

// A quarter rounds up to a half, and the half up to one: what tells double from single rounding.
TEST(Requantize, DoubleRoundingRoundsTwice) {
  EXPECT_EQ(mote_requantize_s32(1, 1 << 30, -1), 1);
  EXPECT_EQ(mote_requantize_single_s32(1, 1 << 30, -1), 0);
}

TEST(Requantize, NegativeHalvesGoAwayFromZeroInTheSecondStepOnly) {
  EXPECT_EQ(mote_requantize_s32(-2, 1 << 30, -1), -1);  // -0.5, a tie of the second step
  EXPECT_EQ(mote_requantize_single_s32(-2, 1 << 30, -1), 0);
  EXPECT_EQ(mote_requantize_s32(-1, 1 << 30, 0), 0);  // -0.5, a tie of the first step
  EXPECT_EQ(mote_requantize_single_s32(-1, 1 << 30, 0), 0);
}

TEST(Requantize, RoundedFollowsItsArgument) {
  EXPECT_EQ(mote_requantize_rounded_s32(1, 1 << 30, -1, MOTE_ROUNDING_DOUBLE), 1);
  EXPECT_EQ(mote_requantize_rounded_s32(1, 1 << 30, -1, MOTE_ROUNDING_SINGLE), 0);
}

// Values that fit after the shift to the left, ties of the second step among them.
std::vector<int32_t> accumulators(int shift) {
  std::vector<int32_t> values;
  for (int32_t value : edges_s32() + random_s32(20, 6)) {
    if (fits_s32(Integer(value) << static_cast<unsigned>(shift > 0 ? shift : 0)))
      values.push_back(value);
  }
  for (int32_t value : random_s32(40, 7)) values.push_back(value >> (shift > 0 ? shift : 8));
  if (shift < 0 && shift > -29)  // 5 * 2^28 fits
    for (int32_t odd : {1, -1, 3, -3, 5, -5}) values.push_back(odd * (1 << -shift));
  return values;
}

TEST(Requantize, DoubleRoundingEveryShift) {
  for (int shift = -31; shift <= 31; shift++)
    for (int32_t multiplier : mantissas())
      for (int32_t value : accumulators(shift))
        ASSERT_EQ(mote_requantize_s32(value, multiplier, shift),
                  mote::exact::requantize_double(value, multiplier, shift))
            << value << " * " << multiplier << ", shift " << shift;
}

TEST(Requantize, SingleRoundingEveryShift) {
  for (int shift = -31; shift <= 31; shift++)
    for (int32_t multiplier : mantissas())
      for (int32_t value : accumulators(shift)) {
        const Integer expected = mote::exact::requantize_single(value, multiplier, shift);
        if (!fits_s32(expected)) continue;
        ASSERT_EQ(mote_requantize_single_s32(value, multiplier, shift), expected)
            << value << " * " << multiplier << ", shift " << shift;
      }
}

TEST(Requantize, WideAccumulatorsRoundTheMultiplierToFifteenBits) {
  EXPECT_EQ(mote_requantize_s64(1, 1 << 30, 0), 1);                // 0x4000 / 2^15: a tie goes up
  EXPECT_EQ(mote_requantize_s64(-1, 1 << 30, 0), 0);               // -0.5
  EXPECT_EQ(mote_requantize_s64(1 << 15, 0x40007FFF, 0), 0x4000);  // 0x4000.7FFF rounds down
  EXPECT_EQ(mote_requantize_s64(1 << 15, 0x40008000, 0), 0x4001);  // a tie goes up
  EXPECT_EQ(mote_requantize_s64(1 << 15, 0x7FFEFFFF, 0), 0x7FFF);
  EXPECT_EQ(mote_requantize_s64(1 << 15, 0x7FFFFFFF, 0), 0x7FFF);  // would round to 0x8000
}

std::vector<int64_t> wide_accumulators() {
  std::vector<int64_t> values = {-(int64_t{1} << 47), (int64_t{1} << 47) - 1, 0, 1, -1, 3, -3};
  std::mt19937_64 generator(8);
  for (int i = 0; i < 200; i++)
    values.push_back(static_cast<int64_t>(generator()) >> (17 + i % 40));
  return values;
}

template <class Rescale, class Exact>
void expect_exact_for_every_shift(Rescale&& rescale, Exact&& exact) {
  for (int shift = -31; shift < 8; shift++)
    for (int32_t multiplier : mantissas())
      for (int64_t value : wide_accumulators()) {
        const Integer expected = exact(value, multiplier, shift);
        if (!fits_s32(expected)) continue;
        ASSERT_EQ(rescale(value, multiplier, shift), expected)
            << value << " * " << multiplier << ", shift " << shift;
      }
}

TEST(Requantize, WideAccumulatorsEveryShift) {
  expect_exact_for_every_shift(mote_requantize_s64, mote::exact::requantize_wide);
}

TEST(Requantize, WideAccumulatorsInOneStepEveryShift) {
  expect_exact_for_every_shift(mote_requantize_single_s64, mote::exact::requantize_single);
}

TEST(RoundedAverage, TiesGoAwayFromZero) {
  EXPECT_EQ(mote_rounded_average_s32(1, 2), 1);
  EXPECT_EQ(mote_rounded_average_s32(-1, 2), -1);
  EXPECT_EQ(mote_rounded_average_s32(-3, 2), -2);
  EXPECT_EQ(mote_rounded_average_s32(0, 7), 0);
}

TEST(RoundedAverage, EverySumOfSmallWindows) {
  for (int32_t count : {1, 2, 3, 4, 5, 7, 8, 9, 16, 25, 49, 64, 1024})
    for (int32_t sum = -128 * count; sum <= 127 * count; sum += count > 64 ? 11 : 1)
      ASSERT_EQ(mote_rounded_average_s32(sum, count),
                mote::exact::round_half_away(Rational(sum, 1) / count))
          << sum << " / " << count;
}

// ---- multiplier.h
// ---------------------------------------------------------------------------------

struct ExactMultiplier {
  Integer multiplier;
  int shift;
};

// m = round(q * 2^31), real = q * 2^shift, q in [1/2, 1).
ExactMultiplier exact_multiplier(double real) {
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  Integer mantissa =
      mote::exact::round_half_away(Rational(fraction) * mote::exact::power_of_two(31));
  if (mantissa == mote::exact::power_of_two(31)) {
    mantissa /= 2;
    shift += 1;
  }
  if (real == 0 || shift < -31) return {0, 0};
  if (shift > 31) return {kMax, 31};
  return {mantissa, shift};
}

void expect_multiplier(double real) {
  const mote_multiplier actual = mote_quantize_multiplier(real);
  const ExactMultiplier expected = exact_multiplier(real);
  ASSERT_EQ(actual.multiplier, expected.multiplier) << real;
  ASSERT_EQ(actual.shift, expected.shift) << real;
}

void expect_multiplier(double real, int32_t multiplier, int32_t shift) {
  const mote_multiplier actual = mote_quantize_multiplier(real);
  EXPECT_EQ(actual.multiplier, multiplier) << real;
  EXPECT_EQ(actual.shift, shift) << real;
}

TEST(QuantizeMultiplier, PowersOfTwo) {
  expect_multiplier(1.0, 1 << 30, 1);
  expect_multiplier(0.5, 1 << 30, 0);
  expect_multiplier(0x1p-10, 1 << 30, -9);
}

TEST(QuantizeMultiplier, TiesGoAwayFromZero) {
  expect_multiplier(0.5 + 0x1p-32, (1 << 30) + 1, 0);
  expect_multiplier(0.5 + 0x1p-32 - 0x1p-53, 1 << 30, 0);
}

TEST(QuantizeMultiplier, AMantissaThatRoundsUpToOneIsNormalized) {
  expect_multiplier(std::nextafter(1.0, 0.0), 1 << 30, 1);
  expect_multiplier(1.0 - 0x1p-32, 1 << 30, 1);         // a tie
  expect_multiplier(1.0 - 0x1p-32 - 0x1p-53, kMax, 0);  // just below it
}

TEST(QuantizeMultiplier, TinyRealsFlushToZero) {
  expect_multiplier(0.0, 0, 0);
  expect_multiplier(0x1p-32, 1 << 30, -31);
  expect_multiplier(std::nextafter(0x1p-32, 0.0), 1 << 30, -31);  // rounds up before the flush
  expect_multiplier(0x1.fffffep-33, 0, 0);
  expect_multiplier(0x1p-33, 0, 0);
  expect_multiplier(std::numeric_limits<double>::denorm_min(), 0, 0);
}

TEST(QuantizeMultiplier, HugeRealsSaturate) {
  expect_multiplier(0x1p30, 1 << 30, 31);
  expect_multiplier(2147483647.0, kMax, 31);  // the greatest that a softmax asks for
  expect_multiplier(0x1p31, kMax, 31);
  expect_multiplier(std::numeric_limits<double>::max(), kMax, 31);
  expect_multiplier(std::numeric_limits<double>::infinity(), kMax, 31);
  expect_multiplier(std::numeric_limits<double>::quiet_NaN(), kMax, 31);
}

TEST(QuantizeMultiplier, RandomRealsOfEveryMagnitude) {
  std::mt19937_64 generator(9);
  for (int exponent = -40; exponent <= 40; exponent++)
    for (int i = 0; i < 500; i++) {
      const double fraction = 1.0 + static_cast<double>(generator() >> 12) * 0x1p-52;
      expect_multiplier(std::ldexp(fraction, exponent));
    }
}

TEST(QuantizeMultiplier, QuotientsOfFloatScales) {
  std::mt19937 generator(10);
  std::uniform_real_distribution<float> scale(1e-6f, 2.0f);
  for (int i = 0; i < 5000; i++) {
    const double input = scale(generator);
    const double weight = scale(generator);
    expect_multiplier(input * weight / static_cast<double>(scale(generator)));
  }
}

// ---- affine.h
// -------------------------------------------------------------------------------------

TEST(RoundF32, TiesGoAwayFromZero) {
  EXPECT_EQ(mote_round_f32(0.5f), 1);
  EXPECT_EQ(mote_round_f32(-0.5f), -1);
  EXPECT_EQ(mote_round_f32(2.5f), 3);
  EXPECT_EQ(mote_round_f32(-2.5f), -3);
}

// Adding one half first would round this one up.
TEST(RoundF32, TheLargestNumberBelowAHalfIsZero) {
  EXPECT_EQ(mote_round_f32(std::nextafter(0.5f, 0.0f)), 0);
  EXPECT_EQ(mote_round_f32(std::nextafter(-0.5f, 0.0f)), 0);
}

TEST(RoundF32, LargeWholeNumbersStay) {
  EXPECT_EQ(mote_round_f32(8388607.5f), 8388608);
  EXPECT_EQ(mote_round_f32(8388609.0f), 8388609);
  EXPECT_EQ(mote_round_f32(-16777215.0f), -16777215);
  EXPECT_EQ(mote_round_f32(2147483520.0f), 2147483520);
}

TEST(RoundF32, Ends) {
  EXPECT_EQ(mote_round_f32(2147483648.0f), kMax);
  EXPECT_EQ(mote_round_f32(-2147483648.0f), kMin);
  EXPECT_EQ(mote_round_f32(kInfinity), kMax);
  EXPECT_EQ(mote_round_f32(-kInfinity), kMin);
  EXPECT_EQ(mote_round_f32(std::numeric_limits<float>::quiet_NaN()), 0);
}

TEST(RoundF32, EveryQuarterAndItsNeighbours) {
  for (float value = -300.0f; value <= 300.0f; value += 0.25f)
    for (float near : {std::nextafter(value, -kInfinity), value, std::nextafter(value, kInfinity)})
      ASSERT_EQ(mote_round_f32(near), mote::exact::round_half_away(Rational(near))) << near;
}

TEST(RoundF64, TiesGoAwayFromZeroWithinTheLimit) {
  EXPECT_EQ(mote_round_f64(0.5, 100), 1);
  EXPECT_EQ(mote_round_f64(-0.5, 100), -1);
  EXPECT_EQ(mote_round_f64(std::nextafter(0.5, 0.0), 100), 0);
  EXPECT_EQ(mote_round_f64(99.5, 100), 100);
  EXPECT_EQ(mote_round_f64(-1e300, 100), -100);
  EXPECT_EQ(mote_round_f64(std::numeric_limits<double>::infinity(), kMax), kMax);
  EXPECT_EQ(mote_round_f64(std::numeric_limits<double>::quiet_NaN(), 100), 0);
}

TEST(RoundF64, RandomReals) {
  std::mt19937_64 generator(14);
  for (int i = 0; i < 5000; i++) {
    const double value =
        std::ldexp(static_cast<double>(static_cast<int64_t>(generator())), -i % 63);
    const Integer expected =
        mote::exact::clamp(mote::exact::round_half_away(Rational(value)), -kMax, kMax);
    ASSERT_EQ(mote_round_f64(value, kMax), expected.get_si()) << value;
  }
}

Integer exact_quantize(float value, float scale, int32_t zero_point, int32_t min, int32_t max) {
  const Rational quotient = mote::exact::to_binary32(Rational(value) / Rational(scale));
  return mote::exact::clamp(mote::exact::round_half_away(quotient) + zero_point, min, max);
}

TEST(QuantizeF32, TiesThenZeroPointThenClamp) {
  EXPECT_EQ(mote_quantize_f32(0.25f, 0.5f, -3, -128, 127), -2);
  EXPECT_EQ(mote_quantize_f32(-0.25f, 0.5f, -3, -128, 127), -4);
  EXPECT_EQ(mote_quantize_f32(1e30f, 0.5f, -3, -128, 127), 127);
  EXPECT_EQ(mote_quantize_f32(-1e30f, 0.5f, -3, -128, 127), -128);
  EXPECT_EQ(mote_quantize_f32(kInfinity, 0.5f, 127, kMin, kMax), kMax);
  EXPECT_EQ(mote_quantize_f32(-kInfinity, 0.5f, -1, kMin, kMax), kMin);
}

TEST(QuantizeF32, RandomRealsAndTies) {
  std::mt19937 generator(11);
  std::uniform_real_distribution<float> real(-40.0f, 40.0f);
  std::uniform_real_distribution<float> positive(1e-3f, 0.5f);
  std::uniform_int_distribution<int32_t> zero_points(-128, 127);
  for (int i = 0; i < 5000; i++) {
    const float scale = positive(generator);
    const int32_t zero_point = zero_points(generator);
    const float tie = scale * (static_cast<float>(zero_points(generator)) + 0.5f);
    for (float value : {real(generator), tie})
      ASSERT_EQ(mote_quantize_f32(value, scale, zero_point, -128, 127),
                exact_quantize(value, scale, zero_point, -128, 127))
          << value << " / " << scale << " + " << zero_point;
  }
}

TEST(DequantizeF32, RoundsOnce) {
  std::mt19937 generator(12);
  std::uniform_real_distribution<float> scales(1e-6f, 2.0f);
  for (int32_t quantized : edges_s32() + random_s32(300, 13)) {
    const int32_t small = quantized / 8;  // |quantized - zero_point| < 2^29
    const float scale = scales(generator);
    for (int32_t zero_point : {-128, 0, 127})
      ASSERT_EQ(mote::exact::Rational(mote_dequantize_f32(small, scale, zero_point)),
                mote::exact::to_binary32(Rational(scale) * (Integer(small) - zero_point)));
  }
}

TEST(DequantizeF32, TheDifferenceDoesNotOverflow) {
  EXPECT_EQ(mote_dequantize_f32(kMin, 1.0f, kMax), -4294967296.0f);
  EXPECT_EQ(mote_dequantize_f32(kMax, 1.0f, kMin), 4294967296.0f);
}

}  // namespace
