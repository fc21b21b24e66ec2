#include "compress/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mote::compress {
namespace {

struct Rates {
  float learning_rate;
  float decay;  // of these weights
};

void sgd(const TrainOptions& options, Rates rates, float gradient, float& velocity, float& weight) {
  const float g = gradient + rates.decay * weight;
  velocity = options.momentum * velocity + g;
  weight -= rates.learning_rate * (g + options.momentum * velocity);
}

float near(float scale, float before) {
  constexpr float kMost = 0.1f;
  return std::min(std::max(scale, (1 - kMost) * before), (1 + kMost) * before);
}

// `steps`: so many have been made with this one.
class AdamW {
 public:
  AdamW(const TrainOptions& options, int64_t steps)
      : beta1_(options.momentum),
        beta2_(options.beta2),
        share1_(share(beta1_, steps)),
        share2_(share(beta2_, steps)) {}

  void step(Rates rates, float gradient, float& velocity, float& squares, float& weight) const {
    constexpr float kEpsilon = 1e-8f;
    velocity = beta1_ * velocity + (1 - beta1_) * gradient;
    squares = beta2_ * squares + (1 - beta2_) * gradient * gradient;
    const float direction = velocity / share1_ / (std::sqrt(squares / share2_) + kEpsilon);
    weight -= rates.learning_rate * (direction + rates.decay * weight);
  }

 private:
  // What part of a moving average that began with zeros is gradients.
  static float share(float beta, int64_t steps) {
    return static_cast<float>(1 - std::pow(static_cast<double>(beta), static_cast<double>(steps)));
  }

  float beta1_, beta2_, share1_, share2_;
};

}  // namespace

float learning_rate_at(const TrainOptions& options, StepOf at) {
  constexpr double kStart = 0.04;  // of the peak
  constexpr double kRise = 0.2;    // of the steps
  const double done = static_cast<double>(at.step) / static_cast<double>(at.steps);
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

TrainState initial_state(const autograd::Parameters& parameters, const TrainOptions& options) {
  const size_t squares = options.optimizer == Optimizer::adamw ? parameters.trainable : 0;
  return {parameters.values,
          std::vector<float>(parameters.trainable),
          std::vector<float>(squares),
          parameters.values,
          {}};
}

int64_t first_settled(int64_t steps) {
  constexpr int64_t kPart = 5;
  return steps - steps / kPart;
}

void update_weights(const autograd::Parameters& parameters, std::span<const float> gradient,
                    const TrainOptions& options, StepOf at, TrainState& state) {
  const AdamW adamw(options, at.step + 1);
  const float rate = learning_rate_at(options, at);
  for (const autograd::Slot& slot : parameters.slots) {
    if (slot.offset >= parameters.trainable) break;
    if (slot.scales && at.step >= first_settled(at.steps)) continue;
    for (size_t i = slot.offset; i < slot.offset + slot.count; i++) {
      const float before = state.values[i];
      Rates rates{rate, slot.decays ? options.weight_decay : 0.0f};
      if (options.optimizer == Optimizer::adamw) {
        if (slot.scales) rates.learning_rate *= before;
        adamw.step(rates, gradient[i], state.velocity[i], state.squares[i], state.values[i]);
      } else {
        sgd(options, rates, gradient[i], state.velocity[i], state.values[i]);
      }
      if (slot.scales) state.values[i] = near(state.values[i], before);
    }
  }
  apply_masks(parameters, state);
}

Masks masks_of(const autograd::Parameters& parameters) {
  Masks masks;
  for (const autograd::Slot& slot : parameters.slots) masks.push_back(slot.mask);
  return masks;
}

void apply_masks(const autograd::Parameters& parameters, TrainState& state) {
  for (const autograd::Slot& slot : parameters.slots) {
    if (!slot.mask) continue;
    for (std::vector<float>* part :
         {&state.values, &state.velocity, &state.squares, &state.average}) {
      if (part->size() < slot.offset + slot.count) continue;  // AdamW's alone; statistics have none
      for (size_t i = 0; i < slot.count; i++)
        if ((*slot.mask)[i] == 0) (*part)[slot.offset + i] = 0.0f;
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
