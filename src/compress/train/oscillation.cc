#include "compress/train/oscillation.h"

#include <cmath>
#include <numbers>

#include "compress/quantize/scales.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

constexpr int32_t kFewBits = 4;
constexpr float kMomentum = 0.01f;
constexpr float kHeld = -1.0f;  // in place of the frequency

int32_t integer_of(const SwingingSlot& slot, float weight, float scale) {
  return mote_quantize_f32(weight, scale, 0, slot.range.min, slot.range.max);
}

double threshold_at(StepOf at) {
  constexpr double kFirst = 0.1, kLast = 0.01;
  const double done = static_cast<double>(at.step) / static_cast<double>(at.steps);
  return kLast + (kFirst - kLast) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

// `swing`: the numbers of one weight that is not held. Whether it is from now on.
bool turns_too_often(float integer, double threshold, float* swing) {
  const float change = integer - swing[0];
  const float direction = change > 0 ? 1.0f : -1.0f;
  const bool turned = change != 0 && swing[1] == -direction;
  if (change != 0) swing[1] = direction;
  swing[0] = integer;
  swing[2] += kMomentum * ((turned ? 1.0f : 0.0f) - swing[2]);
  swing[3] += kMomentum * (integer - swing[3]);
  return static_cast<double>(swing[2]) > threshold;
}

}  // namespace

std::vector<SwingingSlot> swinging_slots(const std::vector<WeightSlot>& slots) {
  std::vector<SwingingSlot> result;
  size_t swings = 0;
  for (const WeightSlot& slot : slots) {
    if (slot.bits > kFewBits) continue;
    result.push_back({slot, swings});
    swings += kSwingNumbers * slot.count;
  }
  return result;
}

std::vector<float> initial_swings(const std::vector<SwingingSlot>& slots,
                                  const std::vector<float>& values) {
  std::vector<float> swings;
  for (const SwingingSlot& slot : slots)
    for_each_channel(slot.shape, slot.axis, [&](size_t i, size_t channel) {
      const auto integer = static_cast<float>(
          integer_of(slot, values[slot.offset + i], values[slot.scales + channel]));
      swings.insert(swings.end(), {integer, 0.0f, 0.0f, integer});
    });
  return swings;
}

void hold_swinging(const std::vector<SwingingSlot>& slots, StepOf at, TrainState& state) {
  const double threshold = threshold_at(at);
  for (const SwingingSlot& slot : slots)
    for_each_channel(slot.shape, slot.axis, [&](size_t i, size_t channel) {
      float* swing = &state.swings[slot.swings + kSwingNumbers * i];
      float& weight = state.values[slot.offset + i];
      const float scale = state.values[slot.scales + channel];
      if (swing[2] != kHeld) {
        const auto integer = static_cast<float>(integer_of(slot, weight, scale));
        if (!turns_too_often(integer, threshold, swing)) return;
        swing[2] = kHeld;
        swing[3] = static_cast<float>(mote_round_f32(swing[3]));
      }
      weight = scale * swing[3];
      state.velocity[slot.offset + i] = 0.0f;
    });
}

}  // namespace mote::compress
