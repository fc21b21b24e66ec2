#include "compress/quantize/scales.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "runtime/arithmetic/affine.h"

namespace mote::compress {
namespace {

constexpr std::string_view kWeightScales[] = {"min_max", "mse"};

double squared_error(std::span<const float> weights, float scale, Range range) {
  double sum = 0;
  for (const float weight : weights) {
    const int32_t integer = mote_quantize_f32(weight, scale, 0, range.min, range.max);
    const double error = static_cast<double>(weight) - static_cast<double>(scale) * integer;
    sum += error * error;
  }
  return sum;
}

// `scale` times the share of it that makes the squared error least; of equal ones the largest.
float clipped_scale(std::span<const float> weights, float scale, Range range) {
  constexpr int32_t kLeast = 20, kAll = 100;  // hundredths
  float best = scale;
  double least = squared_error(weights, scale, range);
  for (int32_t share = kAll - 1; share >= kLeast; share--) {
    const float candidate = scale * static_cast<float>(share) / static_cast<float>(kAll);
    const double error = squared_error(weights, candidate, range);
    if (error >= least) continue;
    least = error;
    best = candidate;
  }
  return best;
}

}  // namespace

template <>
std::span<const std::string_view> choices<WeightScale>() {
  return kWeightScales;
}

Quantization weight_quantization(const Value& weights, int32_t axis, int32_t bits,
                                 WeightScale rule) {
  const std::span<const float> reals = data_as<float>(weights);
  const auto channels =
      axis >= 0 ? static_cast<size_t>(weights.type.shape.at(static_cast<size_t>(axis))) : 1;
  std::vector<float> largest(channels, 0.0f);
  std::vector<std::vector<float>> of_channel(channels);
  for_each_channel(weights.type.shape, axis, [&](size_t i, size_t channel) {
    if (!std::isfinite(reals[i]))
      throw Error(ErrorKind::invalid_input, "a weight is infinite or no number",
                  fmt::format("value '{}'", weights.name));
    largest[channel] = std::max(largest[channel], std::abs(reals[i]));
    of_channel[channel].push_back(reals[i]);
  });
  const float overall = *std::ranges::max_element(largest);
  const Range range = weight_range(bits);
  std::vector<float> scale;
  for (size_t c = 0; c < channels; c++) {
    const float used = largest[c] > 0 ? largest[c] : overall;
    scale.push_back(used > 0 ? used / static_cast<float>(range.max) : 1.0f);
    if (rule == WeightScale::mse && largest[c] > 0)
      scale[c] = clipped_scale(of_channel[c], scale[c], range);
  }
  if (axis < 0) return per_tensor(scale[0], 0, bits);
  return per_channel(std::move(scale), axis, bits);
}

}  // namespace mote::compress
