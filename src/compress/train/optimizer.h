// SGD with Nesterov momentum, AdamW, and the moving average of all weights, over Parameters' flat
// vectors. Tested by optimizer_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/network.h"
#include "compress/train/train.h"

namespace mote::compress {

struct StepOf {
  int64_t step;  // from 0
  int64_t steps;
};

float learning_rate_at(const TrainOptions& options, StepOf at);

// Of a training through fake quantization: the step from which on its scales stay as they are, so
// that weights settle to what the integers will be.
int64_t first_settled(int64_t steps);

// What training carries from step to step, beside the step's number.
struct TrainState {
  std::vector<float> values;    // as autograd::Parameters has them
  std::vector<float> velocity;  // of the trainable ones; AdamW: the gradients' moving average
  std::vector<float> squares;   // AdamW: the squared gradients' moving average; else empty
  std::vector<float> average;   // of all values: what the result gets
  std::vector<float> swings;    // of weights of few bits: train/oscillation.h

  bool operator==(const TrainState&) const = default;
};

TrainState initial_state(const autograd::Parameters& parameters, const TrainOptions& options);

// One step of options.optimizer, by the learning rate of the schedule.
// SGD: v = momentum * v + g;  w -= rate * (g + momentum * v), where g has the weight decay in it.
// AdamW: v = momentum * v + (1 - momentum) * g;  s = beta2 * s + (1 - beta2) * g^2;
//   w -= rate * (v' / (sqrt(s') + 1e-8) + decay * w), where v' and s' are the averages less their
//   bias towards the zeros that they began with.
// Scales: AdamW's rate is a share of the scale; no step changes one by more than a tenth, so that
// it stays positive; those of the settled part stay.
void update_weights(const autograd::Parameters& parameters, std::span<const float> gradient,
                    const TrainOptions& options, StepOf at, TrainState& state);

// By slot of the parameters: what is pruned; null where nothing is.
using Masks = std::vector<std::shared_ptr<const Bytes>>;
Masks masks_of(const autograd::Parameters& parameters);

// What the parameters' masks have pruned is zero in all of the state. update_weights ends with it.
void apply_masks(const autograd::Parameters& parameters, TrainState& state);

// The average follows faster in the first steps, when it would only remember the initial weights.
void update_average(const TrainOptions& options, int64_t step, TrainState& state);

}  // namespace mote::compress
