// fixed_point.h: step by step against the same algorithm on arbitrary-precision integers, and
// within an error bound of the real functions.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/exact.h"

extern "C" {
#include "runtime/arithmetic/fixed_point.h"
}

namespace {

using mote::exact::Integer;
using mote::exact::rounding_divide_by_pot;
using mote::exact::srdhm;

constexpr double kOne = 2147483648.0;  // 1 in Q0.31

// round(e^-(2^exponent) * 2^31), with the constants as gemmlowp's tables have them.
struct Factor {
  int exponent;
  int32_t value;
};
constexpr Factor kFactors[] = {{-2, 1672461947}, {-1, 1302514674}, {0, 790015084}, {1, 290630308},
                               {2, 39332535},    {3, 720401},      {4, 242}};

Integer exact_exp(int32_t a, int integer_bits) {
  if (a == 0) return INT32_MAX;
  const int fraction_bits = 31 - integer_bits;
  const Integer quarter = Integer(1) << static_cast<unsigned>(fraction_bits - 2);
  Integer modulus;
  mpz_fdiv_r(modulus.get_mpz_t(), Integer(a).get_mpz_t(), quarter.get_mpz_t());
  const Integer reduced = modulus - quarter;
  const Integer x = (reduced << static_cast<unsigned>(integer_bits)) + (Integer(1) << 28);
  const Integer x2 = srdhm(x, x);
  const Integer x3 = srdhm(x2, x);
  const Integer x4 = srdhm(x2, x2);
  const Integer third = srdhm(rounding_divide_by_pot(x4, 2) + x3, 715827883);
  const Integer tail = rounding_divide_by_pot(third + x2, 1);
  const Integer eighth = 1895147668;
  Integer result = eighth + srdhm(eighth, x + tail);
  const Integer rest = reduced - a;
  for (const Factor& factor : kFactors) {
    if (factor.exponent >= integer_bits) continue;
    const auto bit = static_cast<unsigned>(fraction_bits + factor.exponent);
    if (mpz_tstbit(rest.get_mpz_t(), bit)) result = srdhm(result, factor.value);
  }
  return result;
}

// 1 / (1 + a) by three Newton-Raphson steps in Q2.29.
Integer exact_reciprocal(int32_t a) {
  const Integer one_ulp = INT32_MAX;
  const Integer half_denominator = (Integer(a) + one_ulp + 1) / 2;  // both positive: a rounded half
  Integer x = 1515870810 + srdhm(half_denominator, -1010580540);
  for (int i = 0; i < 3; i++) {
    const Integer error = (Integer(1) << 29) - srdhm(half_denominator, x);
    x += mote::exact::saturate_s32(srdhm(x, error) << 2);
  }
  return mote::exact::saturate_s32(x << 1);
}

// Arguments <= 0: the ends, every bit alone and with all below it, and random ones of each
// magnitude.
std::vector<int32_t> negatives() {
  std::vector<int32_t> values = {0, -1, -2, INT32_MIN, INT32_MIN + 1};
  for (int bit = 0; bit < 31; bit++) {
    values.push_back(-(1 << bit));
    values.push_back(-(1 << bit) - 1);
    values.push_back(-(1 << bit) + 1);
  }
  std::mt19937 generator(1);
  for (int i = 0; i < 1000; i++)
    values.push_back(-static_cast<int32_t>(generator() >> (1 + i % 30)));
  return values;
}

TEST(ShiftRightHalfUp, RoundsTiesUp) {
  std::mt19937 random(5);
  for (int32_t exponent = 1; exponent <= 30; exponent++)
    for (int i = 0; i < 1000; i++) {
      const auto value = static_cast<int32_t>(random()) / 2;
      const mote::exact::Rational real =
          mote::exact::Rational(value) * mote::exact::power_of_two(-exponent);
      ASSERT_EQ(Integer(mote_shift_right_half_up_s32(value, exponent)),
                mote::exact::round_half_up(real));
    }
  EXPECT_EQ(mote_shift_right_half_up_s32(-3, 1), -1);
  EXPECT_EQ(mote_shift_right_half_up_s32(3, 1), 2);
}

TEST(ExpOnNegative, EveryStepOfTheFormula) {
  for (int integer_bits = 0; integer_bits <= 5; integer_bits++)
    for (int32_t a : negatives())
      ASSERT_EQ(mote_exp_on_negative_s32(a, integer_bits), exact_exp(a, integer_bits))
          << a << ", integer bits " << integer_bits;
}

TEST(ExpOnNegative, ZeroGivesTheLargestNumber) {
  EXPECT_EQ(mote_exp_on_negative_s32(0, 5), INT32_MAX);
  EXPECT_EQ(mote_exp_on_negative_s32(0, 0), INT32_MAX);
}

TEST(ExpOnNegative, CloseToTheRealFunction) {
  for (int integer_bits = 0; integer_bits <= 5; integer_bits++)
    for (int32_t a : negatives()) {
      const double real = std::ldexp(static_cast<double>(a), integer_bits - 31);
      const double result = mote_exp_on_negative_s32(a, integer_bits) / kOne;
      ASSERT_NEAR(result, std::exp(real), 1e-6) << real;
    }
}

TEST(ReciprocalOfOnePlus, EveryStepOfTheFormula) {
  for (int32_t negative : negatives()) {
    const int32_t a = negative == INT32_MIN ? INT32_MAX : -negative;
    ASSERT_EQ(mote_reciprocal_of_one_plus_s32(a), exact_reciprocal(a)) << a;
  }
}

TEST(ReciprocalOfOnePlus, CloseToTheRealFunction) {
  for (int32_t negative : negatives()) {
    const int32_t a = negative == INT32_MIN ? INT32_MAX : -negative;
    ASSERT_NEAR(mote_reciprocal_of_one_plus_s32(a) / kOne, 1.0 / (1.0 + a / kOne), 4e-9) << a;
  }
}

TEST(ReciprocalOfOnePlus, Ends) {
  EXPECT_EQ(mote_reciprocal_of_one_plus_s32(0), INT32_MAX);  // 1 saturates
  EXPECT_NEAR(mote_reciprocal_of_one_plus_s32(INT32_MAX), 1 << 30, 4);
}

}  // namespace
