#include "compress/train/rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compress/quantize/scales.h"

namespace mote::compress {

float rate_at(float rate, StepOf at) {
  constexpr double kGrowth = 0.4;  // of the steps
  const double done = static_cast<double>(at.step) / static_cast<double>(at.steps);
  return static_cast<float>(rate * std::min(1.0, done / kGrowth));
}

double add_rate(const std::vector<WeightSlot>& slots, float rate, std::span<const float> values,
                std::span<float> gradient) {
  double bits = 0;
  for (const WeightSlot& slot : slots) {
    const auto channels =
        slot.axis < 0 ? 1.0 : static_cast<double>(slot.shape[static_cast<size_t>(slot.axis)]);
    const double count = static_cast<double>(slot.count) / channels;
    const auto share = static_cast<float>(1 / std::sqrt(count * slot.range.max));
    for_each_channel(slot.shape, slot.axis, [&](size_t i, size_t channel) {
      const float weight = values[slot.offset + i], scale = values[slot.scales + channel];
      const float v = 2 * std::abs(weight) / scale;
      bits += std::log2(1.0 + static_cast<double>(v));
      // d/dv, over the scale.
      const float slope = rate / (std::numbers::ln2_v<float> * (1 + v) * scale);
      if (weight != 0) gradient[slot.offset + i] += std::copysign(2 * slope, weight);
      gradient[slot.scales + channel] -= share * slope * v;
    });
  }
  return static_cast<double>(rate) * bits;
}

}  // namespace mote::compress
