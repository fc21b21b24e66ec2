// Weights of few bits that jump to and fro between two integers, for their optimum lies between:
// each is held at the one where it has been most of the time (Nagel et al. 2203.11086). Tested by
// oscillation_test.cc.
#pragma once

#include <vector>

#include "compress/train/optimizer.h"
#include "compress/train/weight_slots.h"

namespace mote::compress {

// A slot of weights that training fake-quantizes to at most 4 bits.
struct SwingingSlot : WeightSlot {
  size_t swings;  // where TrainState::swings has it
};

std::vector<SwingingSlot> swinging_slots(const std::vector<WeightSlot>& slots);

// The numbers that `swings` has for each weight: its last integer, which way that last changed (-1,
// 1; 0: never yet), how often it turns back (a moving average over a hundred steps), and the moving
// average of its integers. Held weights have -1 as the third, and their integer as the fourth.
constexpr size_t kSwingNumbers = 4;
std::vector<float> initial_swings(const std::vector<SwingingSlot>& slots,
                                  const std::vector<float>& values);

// After a step: holds the weights that turn back more often than a threshold that falls from 0.1 to
// 0.01, half a cosine. What is held follows its scale, and stays at its integer.
void hold_swinging(const std::vector<SwingingSlot>& slots, StepOf at, TrainState& state);

}  // namespace mote::compress
