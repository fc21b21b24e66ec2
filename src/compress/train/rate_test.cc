#include "compress/train/rate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ir/text.h"

namespace mote::compress {
namespace {

// A layer with a scale for each channel, and one with a single scale.
Graph priced_layers() {
  return parse(R"(graph g
input x: float32[1, 1]
  w: float32[2, 2] {scale: [0.5, 2], axis: 0, bits: 3} = [1, -0.5, 0, 3]
  v: float32[1, 2] {scale: 0.25, zero_point: 0, bits: 4} = [0.1, -7]
h: float32[1, 2] = FullyConnected(x, w, _)
y: float32[1, 1] = FullyConnected(h, v, _)
output y
)",
               {});
}

class Rate : public ::testing::Test {
 protected:
  double bits_of(std::vector<float> values) const {
    std::vector<float> gradient(parameters_.trainable);
    return add_rate(slots_, 1, values, gradient);
  }

  const Graph graph_ = priced_layers();
  const autograd::Parameters parameters_ = autograd::parameters_of(graph_);
  const std::vector<WeightSlot> slots_ = weight_slots(graph_, parameters_);
};

TEST_F(Rate, CountsBits) {
  ASSERT_EQ(slots_.size(), 2u);
  const double expected = std::log2(5) + std::log2(3) + std::log2(4) +  //
                          std::log2(1.8) + std::log2(57);
  EXPECT_NEAR(bits_of(parameters_.values), expected, 1e-5);
  std::vector<float> gradient(parameters_.trainable);
  EXPECT_NEAR(add_rate(slots_, 0.125f, parameters_.values, gradient), expected / 8, 1e-6);
}

TEST_F(Rate, TheGradientIsTheSlope) {
  constexpr float kStep = 1e-3f;
  std::vector<float> gradient(parameters_.trainable, 1.0f);
  add_rate(slots_, 0.5f, parameters_.values, gradient);
  const auto slope = [&](size_t i) {
    std::vector<float> less = parameters_.values, more = less;
    less[i] -= kStep;
    more[i] += kStep;
    return 0.5 * (bits_of(more) - bits_of(less)) / static_cast<double>(2 * kStep);
  };
  for (const WeightSlot& slot : slots_) {
    for (size_t i = slot.offset; i < slot.offset + slot.count; i++) {
      const double expected = parameters_.values[i] == 0 ? 0 : slope(i);
      EXPECT_NEAR(gradient[i] - 1, expected, 2e-2 * std::abs(expected) + 1e-4) << i;
    }
    // Of two weights each, up to 3 and 7.
    const double share = 1 / std::sqrt(2.0 * slot.range.max);
    for (size_t i = slot.scales; i < slot.scales + (slot.axis < 0 ? 1 : 2); i++)
      EXPECT_NEAR(gradient[i] - 1, share * slope(i), 2e-2 * std::abs(slope(i))) << i;
  }
}

TEST(RateAt, GrowsOverTwoFifths) {
  EXPECT_EQ(rate_at(0.5f, {0, 1000}), 0.0f);
  EXPECT_EQ(rate_at(0.5f, {200, 1000}), 0.25f);
  EXPECT_EQ(rate_at(0.5f, {400, 1000}), 0.5f);
  EXPECT_EQ(rate_at(0.5f, {999, 1000}), 0.5f);
}

}  // namespace
}  // namespace mote::compress
