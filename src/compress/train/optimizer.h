// SGD with Nesterov momentum and the moving average of all weights, over Parameters' flat vectors.
// Tested by optimizer_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/network.h"
#include "compress/train/train.h"

namespace mote::compress {

// The learning rate of one step, from 0 of `steps`.
float learning_rate_at(const TrainOptions& options, int64_t step, int64_t steps);

// What training carries from step to step, beside the step's number.
struct TrainState {
  std::vector<float> values;    // as autograd::Parameters has them
  std::vector<float> velocity;  // of the trainable ones
  std::vector<float> average;   // of all values: what the result gets

  bool operator==(const TrainState&) const = default;
};

TrainState initial_state(const autograd::Parameters& parameters);

// v = momentum * v + g;  w -= rate * (g + momentum * v), where g has the weight decay in it.
void sgd_step(const autograd::Parameters& parameters, std::span<const float> gradient,
              const TrainOptions& options, float learning_rate, TrainState& state);

// The average follows faster in the first steps, when it would only remember the initial weights.
void update_average(const TrainOptions& options, int64_t step, TrainState& state);

}  // namespace mote::compress
