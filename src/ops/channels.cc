#include "ops/channels.h"

#include <algorithm>
#include <numeric>

namespace mote {
namespace {

// The index in dimension `axis` of each element, row-major.
std::vector<int32_t> indices(const Shape& shape, int32_t axis) {
  const auto at = shape.begin() + axis;
  const int64_t inner = element_count(Shape(at + 1, shape.end()));
  std::vector<int32_t> result(static_cast<size_t>(element_count(shape)));
  for (size_t k = 0; k < result.size(); k++)
    result[k] = static_cast<int32_t>(static_cast<int64_t>(k) / inner % *at);
  return result;
}

}  // namespace

int32_t channel_count(const Shape& shape) {
  return shape.empty() ? 1 : shape.back();
}

int32_t count_kept(const KeptChannels& kept) {
  return count_kept(kept, static_cast<int32_t>(kept.size()));
}

int32_t count_kept(const KeptChannels& kept, int32_t channels) {
  return static_cast<int32_t>(std::count(kept.begin(), kept.begin() + channels, true));
}

bool depends(const Channels& channels, const ChannelPair& pair) {
  switch (channels.kind) {
    case Channels::Kind::none:
      return false;
    case Channels::Kind::moved:
      return pair.input == channels.begin + static_cast<int64_t>(channels.step) * pair.output;
    case Channels::Kind::grouped:
      return pair.input / (pair.inputs / channels.groups) ==
             pair.output / (pair.outputs / channels.groups);
    case Channels::Kind::congruent:
      return (pair.input - pair.output) % std::gcd(pair.inputs, pair.outputs) == 0;
    case Channels::Kind::weights:
    case Channels::Kind::parameter:
      break;
  }
  return false;
}

std::vector<int32_t> output_channels(const Channels& channels, const Shape& shape) {
  return indices(shape, channels.output_axis);
}

std::vector<int32_t> input_channels(const Channels& weights, const Shape& shape,
                                    const Channels& operand, int32_t inputs, int32_t outputs) {
  std::vector<int32_t> result = output_channels(weights, shape);
  const int32_t group_inputs = inputs / operand.groups, group_outputs = outputs / operand.groups;
  for (int32_t& channel : result) channel = channel / group_outputs * group_inputs;
  if (weights.input_axis < 0) return result;
  const std::vector<int32_t> within = indices(shape, weights.input_axis);
  for (size_t k = 0; k < result.size(); k++) result[k] += within[k] % group_inputs;
  return result;
}

}  // namespace mote
