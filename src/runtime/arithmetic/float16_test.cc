// binary16 and binary32 against the definition of rounding: of all values of the narrow type the
// nearest, and of two equally near ones that whose last bit is 0.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "runtime/arithmetic/float16.h"

namespace {

constexpr uint32_t kInfinite = 0x7C00;

// Sign, 5 bits of exponent with bias 15, 10 bits of fraction; the infinite one as if it were 2^16,
// which is what rounding takes it for.
double value_of(uint32_t half) {
  const int exponent = static_cast<int>(half >> 10 & 31);
  const double fraction = half & 1023;
  const double magnitude =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

TEST(Float16, EveryPatternComesBack) {
  for (uint32_t half = 0; half <= 0xFFFF; half++) {
    const float real = mote_f32_from_f16(static_cast<uint16_t>(half));
    const uint32_t magnitude = half & 0x7FFF;
    if (magnitude > kInfinite) {
      EXPECT_TRUE(std::isnan(real)) << half;
      EXPECT_EQ(mote_f16_from_f32(real), half | 0x0200) << half;  // quiet
      continue;
    }
    EXPECT_EQ(mote_f16_from_f32(real), half);
    if (magnitude == kInfinite)
      EXPECT_TRUE(std::isinf(real));
    else
      EXPECT_EQ(real, value_of(half)) << half;
    EXPECT_EQ(std::signbit(real), half >= 0x8000) << half;
  }
}

// Between every two neighbours: a bit below the middle, the middle, a bit above.
TEST(Float16, RoundsToTheNearestTiesToEven) {
  for (uint32_t low = 0; low < kInfinite; low++) {
    const uint32_t high = low + 1;
    const float middle = static_cast<float>((value_of(low) + value_of(high)) / 2);  // exact
    const uint32_t even = low % 2 == 0 ? low : high;
    EXPECT_EQ(mote_f16_from_f32(middle), even) << low;
    EXPECT_EQ(mote_f16_from_f32(-middle), even | 0x8000) << low;
    EXPECT_EQ(mote_f16_from_f32(std::nextafter(middle, 0.0f)), low) << low;
    EXPECT_EQ(mote_f16_from_f32(std::nextafter(middle, 1e30f)), high) << low;
  }
}

TEST(Float16, FarAwayIsZeroOrInfinite) {
  using Limits = std::numeric_limits<float>;
  for (const float small : {0.0f, Limits::denorm_min(), Limits::min(), 0x1p-26f, 0x1p-25f})
    EXPECT_EQ(mote_f16_from_f32(small), 0) << small;
  for (const float large : {65520.0f, 65536.0f, 1e6f, Limits::max(), Limits::infinity()})
    EXPECT_EQ(mote_f16_from_f32(large), kInfinite) << large;
  EXPECT_EQ(mote_f16_from_f32(65519.996f), 0x7BFF);
}

}  // namespace
