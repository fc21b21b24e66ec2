#include "compress/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mote::compress {

float learning_rate_at(const TrainOptions& options, int64_t step, int64_t steps) {
  constexpr double kStart = 0.04;  // of the peak
  constexpr double kRise = 0.2;    // of the steps
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  double factor = 0;
  switch (options.schedule) {
    case Schedule::one_cycle:
      factor = done < kRise ? kStart + (1 - kStart) * done / kRise : (1 - done) / (1 - kRise);
      break;
    case Schedule::cosine:
      factor = 0.5 * (1 + std::cos(std::numbers::pi * done));
      break;
  }
  return static_cast<float>(options.learning_rate * factor);
}

TrainState initial_state(const autograd::Parameters& parameters) {
  return {parameters.values, std::vector<float>(parameters.trainable), parameters.values};
}

void sgd_step(const autograd::Parameters& parameters, std::span<const float> gradient,
              const TrainOptions& options, float learning_rate, TrainState& state) {
  for (const autograd::Slot& slot : parameters.slots) {
    if (slot.offset >= parameters.trainable) break;
    const float decay = slot.decays ? options.weight_decay : 0.0f;
    for (size_t i = slot.offset; i < slot.offset + slot.count; i++) {
      const float g = gradient[i] + decay * state.values[i];
      const float v = options.momentum * state.velocity[i] + g;
      state.velocity[i] = v;
      state.values[i] -= learning_rate * (g + options.momentum * v);
    }
  }
}

void update_average(const TrainOptions& options, int64_t step, TrainState& state) {
  const auto t = static_cast<float>(step);
  const float decay = std::min(options.ema_decay, (1 + t) / (10 + t));
  for (size_t i = 0; i < state.values.size(); i++)
    state.average[i] = decay * state.average[i] + (1 - decay) * state.values[i];
}

}  // namespace mote::compress
