#include "compress/train/optimizer.h"

#include <gtest/gtest.h>

namespace mote::compress {
namespace {

TEST(LearningRate, OneCycleRisesForAFifthAndFallsToZero) {
  const TrainOptions options{.learning_rate = 0.5f, .schedule = Schedule::one_cycle};
  EXPECT_FLOAT_EQ(learning_rate_at(options, 0, 1000), 0.04f * 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, 100, 1000), 0.52f * 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, 200, 1000), 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, 600, 1000), 0.25f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, 1000, 1000), 0.0f);
}

TEST(LearningRate, CosineFallsFromThePeak) {
  const TrainOptions options{.learning_rate = 0.5f, .schedule = Schedule::cosine};
  EXPECT_FLOAT_EQ(learning_rate_at(options, 0, 1000), 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, 500, 1000), 0.25f);
  EXPECT_NEAR(learning_rate_at(options, 1000, 1000), 0.0f, 1e-7f);
}

// One weight, one bias, one statistic.
const autograd::Parameters kThree{
    {{0, 0, 1, true}, {1, 1, 1, false}, {2, 2, 1, false}}, {1.0f, 1.0f, 1.0f}, 2};

TEST(Sgd, NesterovWithDecayOfWeightsOnly) {
  const TrainOptions options{.momentum = 0.5f, .weight_decay = 0.25f};
  TrainState state = initial_state(kThree);
  const std::vector<float> gradient = {1.0f, 1.0f};
  sgd_step(kThree, gradient, options, 0.125f, state);
  EXPECT_EQ(state.velocity, (std::vector<float>{1.25f, 1.0f}));
  // w -= rate * (g + momentum * v)
  EXPECT_EQ(state.values, (std::vector<float>{1 - 0.125f * 1.875f, 1 - 0.125f * 1.5f, 1.0f}));
  sgd_step(kThree, gradient, options, 0.125f, state);
  EXPECT_EQ(state.velocity[1], 1.5f);
  EXPECT_EQ(state.values[1], 1 - 0.125f * 1.5f - 0.125f * 1.75f);
}

TEST(Average, FollowsFastAtFirstAndSlowlyLater) {
  const TrainOptions options{.ema_decay = 0.75f};
  TrainState state = initial_state(kThree);
  state.values = {2.0f, 2.0f, 2.0f};
  update_average(options, 0, state);
  EXPECT_FLOAT_EQ(state.average[2], 0.1f * 1.0f + 0.9f * 2.0f);
  state.average = {1.0f, 1.0f, 1.0f};
  update_average(options, 1000, state);
  EXPECT_FLOAT_EQ(state.average[0], 0.75f * 1.0f + 0.25f * 2.0f);
}

}  // namespace
}  // namespace mote::compress
