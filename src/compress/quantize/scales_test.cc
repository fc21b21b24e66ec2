#include "compress/quantize/scales.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace mote::compress {
namespace {

Value weights(Shape shape, const std::vector<float>& numbers) {
  return {"w",
          {DType::float32, std::move(shape), {}},
          std::make_shared<const Bytes>(to_bytes(std::span<const float>(numbers)))};
}

TEST(Scales, MinMaxMakesTheLargestMagnitudeTheEnd) {
  const Value w = weights({2, 2}, {0.5f, -7.0f, 0.0f, 0.0f});
  EXPECT_EQ(weight_quantization(w, 0, 4), per_channel({1.0f, 1.0f}, 0, 4));
  EXPECT_EQ(weight_quantization(w, -1, 4), per_tensor(1.0f, 0, 4));
}

// Of 2 bits: -s, 0, s. One weight of 1 and eight of 0.3 that round to s: (1 - s)^2 + 8 (0.3 - s)^2
// is least at s = 3.4 / 9 = 0.378; unclipped, all of 0.3 would become 0.
TEST(Scales, MseClipsWhereThatMakesTheSquaredErrorLess) {
  std::vector<float> numbers(9, 0.3f);
  numbers[4] = -1.0f;
  const Quantization q = weight_quantization(weights({1, 9}, numbers), 0, 2, WeightScale::mse);
  EXPECT_FLOAT_EQ(q.scale[0], 0.38f);
  EXPECT_EQ(q.bits, 2);
}

TEST(Scales, MseClipsNothingThatIsOnItsGrid) {
  const Value w = weights({2, 3}, {3.0f, -1.0f, 2.0f, 0.0f, 0.0f, 0.0f});
  EXPECT_EQ(weight_quantization(w, 0, 3, WeightScale::mse), per_channel({1.0f, 1.0f}, 0, 3));
}

TEST(Scales, RefuseWhatIsNoNumber) {
  for (const WeightScale rule : {WeightScale::min_max, WeightScale::mse})
    EXPECT_THROW(weight_quantization(weights({1, 2}, {NAN, 1.0f}), 0, 4, rule), Error);
}

}  // namespace
}  // namespace mote::compress
