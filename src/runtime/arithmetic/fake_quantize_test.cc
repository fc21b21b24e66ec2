#include "runtime/arithmetic/fake_quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "runtime/arithmetic/affine.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
namespace {

// By the two steps of which it is made: halves, their neighbours, both ends and beyond.
TEST(FakeQuantize, IsQuantizingAndBack) {
  Random random(1, "fake quantize");
  const auto expect_same = [](float value, float scale, int32_t zero_point, int32_t min,
                              int32_t max) {
    const float expected = mote_dequantize_f32(
        mote_quantize_f32(value, scale, zero_point, min, max), scale, zero_point);
    const float actual = mote_fake_quantize_f32(value, scale, static_cast<float>(min - zero_point),
                                                static_cast<float>(max - zero_point));
    ASSERT_EQ(actual, expected) << value << " " << scale << " " << zero_point;
  };
  for (int32_t i = 0; i < 20000; i++) {
    const auto scale = static_cast<float>(std::exp(random.uniform(-12, 3)));
    const auto zero_point = static_cast<int32_t>(random.below(256)) - 128;
    const auto steps = static_cast<float>(random.below(700)) / 2 - 175;
    for (const float value :
         {steps * scale, std::nextafter(steps * scale, 1e9f), std::nextafter(steps * scale, -1e9f),
          static_cast<float>(random.uniform(-200, 200)) * scale}) {
      expect_same(value, scale, zero_point, -128, 127);
      expect_same(value, scale, 0, -7, 7);
      expect_same(value, scale, 0, -1, 1);
      expect_same(value * 200, scale, 0, -32768, 32767);
    }
  }
  expect_same(INFINITY, 0.5f, 3, -128, 127);
  expect_same(-INFINITY, 0.5f, 3, -128, 127);
  expect_same(0.49999997f, 1, 0, -128, 127);
}

// By the kernels' own rescaling of sums, whose bias a float had before it was rounded to them.
TEST(FakeQuantize, RescalesAsKernelsDo) {
  Random random(2, "fake requantize");
  int64_t apart = 0, single = 0;
  constexpr int32_t kCount = 40000;
  for (int32_t i = 0; i < kCount; i++) {
    const double factor = std::exp2(random.uniform(-9, 1));
    const auto [multiplier, shift] = mote_quantize_multiplier(factor);
    const auto sum = static_cast<int32_t>(random.uniform(-160, 160) / factor);
    const int32_t zero_point = static_cast<int32_t>(random.below(256)) - 128;
    const float least = static_cast<float>(-128 - zero_point);
    const float most = static_cast<float>(127 - zero_point);
    const double exact = mote_requantize_s32(sum, multiplier, shift);
    const double expected = std::min<double>(most, std::max<double>(least, exact));
    const double grain = std::exp2(std::max(0, -shift));
    const mote_fake_rescale by{static_cast<float>(1 / factor), static_cast<float>(factor * grain),
                               static_cast<float>(1 / grain)};
    const double real = (sum + random.uniform(-0.4, 0.4)) * factor;
    const float scale = 0.0625f;
    const auto value = static_cast<float>(scale * real);
    apart += mote_fake_requantize_f32(value, scale, by, least, most) != scale * expected;
    single += mote_fake_quantize_f32(value, scale, least, most) != scale * expected;
  }
  EXPECT_LE(apart, kCount / 1000);
  EXPECT_GE(single, kCount / 100);  // or there would be no need
}

}  // namespace
}  // namespace mote
