// What weights take in flash, as a part of the loss: each that is not zero costs bits, so that
// training prunes, rounds and makes codes shorter at once. With v = weight / scale the price of one
// is log2(1 + 2 |v|), which is 0 at 0, 1.6 at 1 and grows as the code of an integer does. Tested by
// rate_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compress/train/optimizer.h"
#include "compress/train/weight_slots.h"

namespace mote::compress {

// Of TrainOptions::rate at a step: it grows over the first 0.4 of the steps, so that weights that
// matter are large by then.
float rate_at(float rate, StepOf at);

// Adds the derivative of `rate` times the bits of all weights to the gradient, of a scale times
// LSQ's 1 / sqrt(count * largest integer), as the rest of it has. Gives rate times the bits.
double add_rate(const std::vector<WeightSlot>& slots, float rate, std::span<const float> values,
                std::span<float> gradient);

}  // namespace mote::compress
