#include "compress/train/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mote::compress {
namespace {

TEST(LearningRate, OneCycleRisesForAFifthAndFallsToZero) {
  const TrainOptions options{.learning_rate = 0.5f, .schedule = Schedule::one_cycle};
  EXPECT_FLOAT_EQ(learning_rate_at(options, {0, 1000}), 0.04f * 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, {100, 1000}), 0.52f * 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, {200, 1000}), 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, {600, 1000}), 0.25f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, {1000, 1000}), 0.0f);
}

TEST(LearningRate, CosineFallsFromThePeak) {
  const TrainOptions options{.learning_rate = 0.5f, .schedule = Schedule::cosine};
  EXPECT_FLOAT_EQ(learning_rate_at(options, {0, 1000}), 0.5f);
  EXPECT_FLOAT_EQ(learning_rate_at(options, {500, 1000}), 0.25f);
  EXPECT_NEAR(learning_rate_at(options, {1000, 1000}), 0.0f, 1e-7f);
}

// One weight, one bias, one statistic.
const autograd::Parameters kThree{
    {{0, 0, 1, true}, {1, 1, 1, false}, {2, 2, 1, false}}, {1.0f, 1.0f, 1.0f}, 2};

// A schedule that stands still: half way down half a cosine.
constexpr StepOf kHalfWay{500, 1000};

TEST(Sgd, NesterovWithDecayOfWeightsOnly) {
  const TrainOptions options{.learning_rate = 0.25f,
                             .schedule = Schedule::cosine,
                             .momentum = 0.5f,
                             .weight_decay = 0.25f};
  TrainState state = initial_state(kThree, options);
  const std::vector<float> gradient = {1.0f, 1.0f};
  update_weights(kThree, gradient, options, kHalfWay, state);
  EXPECT_EQ(state.velocity, (std::vector<float>{1.25f, 1.0f}));
  EXPECT_TRUE(state.squares.empty());
  // w -= rate * (g + momentum * v)
  EXPECT_EQ(state.values, (std::vector<float>{1 - 0.125f * 1.875f, 1 - 0.125f * 1.5f, 1.0f}));
  update_weights(kThree, gradient, options, kHalfWay, state);
  EXPECT_EQ(state.velocity[1], 1.5f);
  EXPECT_EQ(state.values[1], 1 - 0.125f * 1.5f - 0.125f * 1.75f);
}

// By hand from the paper's algorithm 2, whose steps count from 1.
TEST(AdamW, CorrectsTheBiasOfItsAveragesAndDecaysApart) {
  const TrainOptions options{.optimizer = Optimizer::adamw,
                             .learning_rate = 0.1f,
                             .schedule = Schedule::cosine,
                             .momentum = 0.5f,
                             .beta2 = 0.75f,
                             .weight_decay = 0.25f};
  TrainState state = initial_state(kThree, options);
  update_weights(kThree, std::vector<float>{4.0f, -3.0f}, options, {0, 1000}, state);
  EXPECT_EQ(state.velocity, (std::vector<float>{2.0f, -1.5f}));
  EXPECT_EQ(state.squares, (std::vector<float>{4.0f, 2.25f}));
  // The first step goes by the gradient's sign, whatever its size.
  EXPECT_FLOAT_EQ(state.values[0], 1 - 0.1f * (1 + 0.25f));
  EXPECT_FLOAT_EQ(state.values[1], 1 + 0.1f);
  EXPECT_EQ(state.values[2], 1.0f);

  const float before = state.values[1];
  update_weights(kThree, std::vector<float>{4.0f, 5.0f}, options, {1, 1000}, state);
  const double velocity = 0.5 * -1.5 + 0.5 * 5, squares = 0.75 * 2.25 + 0.25 * 25;
  const double step = velocity / (1 - 0.25) / std::sqrt(squares / (1 - 0.5625));
  EXPECT_NEAR(state.values[1], before - learning_rate_at(options, {1, 1000}) * step, 1e-6);
}

TEST(Masks, WhatIsPrunedStaysZeroInAllOfTheState) {
  const auto mask = std::make_shared<const Bytes>(Bytes{0, 1});
  const autograd::Parameters pair{{{0, 0, 2, true, mask}}, {1.0f, 1.0f}, 2};
  for (const Optimizer optimizer : {Optimizer::sgd, Optimizer::adamw}) {
    const TrainOptions options{.optimizer = optimizer};
    TrainState state = initial_state(pair, options);
    const TrainState before = state;
    update_weights(pair, std::vector<float>{3.0f, 3.0f}, options, kHalfWay, state);
    update_average(options, 0, state);
    EXPECT_EQ(state.values[0], 0.0f);
    EXPECT_EQ(state.velocity[0], 0.0f);
    EXPECT_EQ(state.average[0], 0.0f);
    EXPECT_NE(state.values[1], before.values[1]);
    EXPECT_NE(state.velocity[1], 0.0f);
    if (optimizer == Optimizer::adamw) {
      EXPECT_EQ(state.squares[0], 0.0f);
      EXPECT_NE(state.squares[1], 0.0f);
    }
  }
}

TEST(Average, FollowsFastAtFirstAndSlowlyLater) {
  const TrainOptions options{.ema_decay = 0.75f};
  TrainState state = initial_state(kThree, options);
  state.values = {2.0f, 2.0f, 2.0f};
  update_average(options, 0, state);
  EXPECT_FLOAT_EQ(state.average[2], 0.1f * 1.0f + 0.9f * 2.0f);
  state.average = {1.0f, 1.0f, 1.0f};
  update_average(options, 1000, state);
  EXPECT_FLOAT_EQ(state.average[0], 0.75f * 1.0f + 0.25f * 2.0f);
}

// A weight and its scale.
const autograd::Parameters kScaled{
    {{0, 0, 1, true}, {0, 1, 1, false, nullptr, /*scales=*/true}}, {1.0f, 0.5f}, 2};

TEST(Scales, ChangeByATenthAtMostAndSettle) {
  const TrainOptions options{
      .learning_rate = 2.0f, .schedule = Schedule::cosine, .momentum = 0, .weight_decay = 0.25f};
  TrainState state = initial_state(kScaled, options);
  update_weights(kScaled, std::vector<float>{0, 100}, options, kHalfWay, state);
  EXPECT_FLOAT_EQ(state.values[1], 0.45f);
  update_weights(kScaled, std::vector<float>{0, -100}, options, kHalfWay, state);
  EXPECT_FLOAT_EQ(state.values[1], 0.495f);
  update_weights(kScaled, std::vector<float>{0, 0.01f}, options, kHalfWay, state);
  EXPECT_FLOAT_EQ(state.values[1], 0.485f);  // without decay
  EXPECT_EQ(first_settled(1000), 800);
  const float weight = state.values[0], scale = state.values[1];
  update_weights(kScaled, std::vector<float>{1, 1}, options, {800, 1000}, state);
  EXPECT_LT(state.values[0], weight);
  EXPECT_EQ(state.values[1], scale);
}

// The first step of AdamW is as long as its rate, whatever the gradient: here of a scale.
TEST(Scales, AdamWChangesThemByAShare) {
  const TrainOptions options{.optimizer = Optimizer::adamw,
                             .learning_rate = 0.1f,
                             .schedule = Schedule::cosine,
                             .weight_decay = 0};
  TrainState state = initial_state(kScaled, options);
  update_weights(kScaled, std::vector<float>{3, 3}, options, {0, 1000}, state);
  EXPECT_NEAR(state.values[0], 0.9f, 1e-6);
  EXPECT_NEAR(state.values[1], 0.45f, 1e-6);
}

}  // namespace
}  // namespace mote::compress
