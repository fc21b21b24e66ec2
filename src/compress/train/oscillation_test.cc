#include "compress/train/oscillation.h"

#include <gtest/gtest.h>

#include "ir/text.h"

namespace mote::compress {
namespace {

TEST(Oscillation, HoldsWhatTurnsBackTooOften) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 1]
  w: float32[2, 2] {scale: [1, 0.5], axis: 0, bits: 4} = [1.4, 1, 2, 0.1]
  v: float32[1, 2] {scale: [1], axis: 0, bits: 8} = [1, 1]
h: float32[1, 2] = FullyConnected(x, w, _)
y: float32[1, 1] = FullyConnected(h, v, _)
output y
)",
                            {});
  const autograd::Parameters parameters = autograd::parameters_of(graph);
  const std::vector<SwingingSlot> slots = swinging_slots(weight_slots(graph, parameters));
  ASSERT_EQ(slots.size(), 1u);  // 8 bits are not few
  TrainState state = initial_state(parameters, {});
  state.swings = initial_swings(slots, state.values);
  ASSERT_EQ(state.swings.size(), 4 * kSwingNumbers);
  float* w = &state.values[slots[0].offset];
  float* velocity = &state.velocity[slots[0].offset];
  // The first one turns with every step but the first, and is at 1 at first: 1 - 0.99^n passes the
  // threshold 0.1 with n = 11.
  const int64_t steps = 1 << 20;
  for (int64_t step = 0; step < 12; step++) {
    w[0] = step % 2 == 0 ? 1.6f : 1.4f;
    w[1] = static_cast<float>(step) / 4;  // never turns
    velocity[0] = 1;
    hold_swinging(slots, {step, steps}, state);
    if (step < 11) {
      EXPECT_NE(w[0], 1.0f) << step;
    }
  }
  EXPECT_EQ(w[0], 1.0f);
  EXPECT_EQ(velocity[0], 0.0f);
  EXPECT_EQ(w[1], 11.0f / 4);
  EXPECT_EQ(w[2], 2.0f);
  // It follows its scale, whatever the optimizer does to it.
  state.values[slots[0].scales] = 0.75f;
  w[0] = 5;
  hold_swinging(slots, {12, steps}, state);
  EXPECT_EQ(w[0], 0.75f);
}

// What turns now and then is held towards the end.
TEST(Oscillation, TheThresholdFalls) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 1]
  w: float32[1, 1] {scale: [1], axis: 0, bits: 2} = [0.4]
y: float32[1, 1] = FullyConnected(x, w, _)
output y
)",
                            {});
  const autograd::Parameters parameters = autograd::parameters_of(graph);
  const std::vector<SwingingSlot> slots = swinging_slots(weight_slots(graph, parameters));
  const auto turns_until_held = [&](int64_t from) {
    TrainState state = initial_state(parameters, {});
    state.swings = initial_swings(slots, state.values);
    for (int64_t turns = 0; turns < 100; turns++) {
      state.values[slots[0].offset] = turns % 2 == 0 ? 0.6f : 0.4f;
      hold_swinging(slots, {from, 1000}, state);
      const float left = state.values[slots[0].offset];
      if (left == 0.0f || left == 1.0f) return turns;
    }
    return int64_t{100};
  };
  EXPECT_EQ(turns_until_held(0), 11);
  EXPECT_EQ(turns_until_held(999), 2);
}

}  // namespace
}  // namespace mote::compress
