// quantize_dynamic, the kernel that layers of int8 weights between float activations begin with.
// The arithmetic of one value is tested by runtime/arithmetic/dynamic_test.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/operand.h"

extern "C" {
#include "ops/quantize/quantize_kernels.h"
}

namespace mote {
namespace {

struct Quantized {
  std::vector<float> scale;
  std::vector<int32_t> zero_point;
  std::vector<int8_t> integers;
};

// `images` pieces of the same size.
Quantized quantized(std::vector<float> reals, int32_t images, bool asymmetric) {
  const auto count = static_cast<size_t>(images);
  const auto elements = static_cast<int32_t>(reals.size() / count);
  Quantized result{std::vector<float>(count), std::vector<int32_t>(count),
                   std::vector<int8_t>(reals.size())};
  const mote_quantize_dynamic_params params{images, elements, asymmetric};
  const mote_operand operands[] = {{{reals.data()}, 4 * elements, 1},
                                   {{result.scale.data()}, 4, 1},
                                   {{result.zero_point.data()}, 4, 1},
                                   {{result.integers.data()}, elements, 1}};
  mote_quantize_dynamic(&params, operands, 0, 1);
  return result;
}

TEST(QuantizeDynamic, EachImageHasItsOwnRange) {
  const Quantized q = quantized({-1, 0, 2.54f, /**/ 0, 0, 0, /**/ -25.5f, -5, 0}, 3, true);
  EXPECT_EQ(q.scale, (std::vector<float>{static_cast<float>((2.54f + 1.0) / 255), 1.0f, 0.1f}));
  EXPECT_EQ(q.zero_point, (std::vector<int32_t>{-56, 0, 127}));
  EXPECT_EQ(q.integers, (std::vector<int8_t>{-128, -56, 127, /**/ 0, 0, 0, /**/ -128, 77, 127}));
}

TEST(QuantizeDynamic, SymmetricImagesHaveNoZeroPoint) {
  const Quantized q = quantized({-1, 0, 2.54f, /**/ 0, 0, 0, /**/ -12.7f, -5, 1}, 3, false);
  EXPECT_EQ(q.scale, (std::vector<float>{2.54f / 127, 1.0f, 12.7f / 127}));
  EXPECT_EQ(q.zero_point, (std::vector<int32_t>{0, 0, 0}));
  EXPECT_EQ(q.integers, (std::vector<int8_t>{-50, 0, 127, /**/ 0, 0, 0, /**/ -127, -50, 10}));
}

// Of reals of one sign the whole range of int8 is used; nothing is off by more than half a step.
TEST(QuantizeDynamic, RealsComeBackToWithinHalfAStep) {
  for (const bool asymmetric : {false, true})
    for (const float shift : {-2.0f, -1.0f, -0.3f, 0.0f}) {
      std::vector<float> reals;
      for (int i = 0; i <= 1000; i++) reals.push_back(shift + 0.002f * static_cast<float>(i));
      const Quantized q = quantized(reals, 1, asymmetric);
      for (size_t i = 0; i < reals.size(); i++)
        // asymmetric: the zero point is rounded too
        EXPECT_NEAR(static_cast<float>(q.integers[i] - q.zero_point[0]) * q.scale[0], reals[i],
                    q.scale[0] * (asymmetric ? 1.001f : 0.501f));
      EXPECT_EQ(q.scale[0] < 0.009f, asymmetric || shift == -1.0f) << shift;
    }
}

TEST(QuantizeDynamic, WhatIsNoNumberDoesNotChangeTheRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Quantized with = quantized({nan, -1, 2, nan}, 1, true);
  const Quantized without = quantized({0, -1, 2, 0}, 1, true);
  EXPECT_EQ(with.scale, without.scale);
  EXPECT_EQ(with.integers[1], without.integers[1]);
  EXPECT_EQ(with.integers[0], 0);
}

}  // namespace
}  // namespace mote
