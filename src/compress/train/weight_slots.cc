#include "compress/train/weight_slots.h"

#include <algorithm>

#include "autograd/fake_quantization.h"
#include "compress/quantize/scales.h"
#include "ir/node.h"

namespace mote::compress {

namespace {

bool is_normalized(const Graph& graph, ValueId weights) {
  const auto readers = consumers(graph);
  for (const int32_t layer : readers[static_cast<size_t>(weights)])
    for (const ValueId sums : graph.nodes[static_cast<size_t>(layer)].outputs)
      for (const int32_t reader : readers[static_cast<size_t>(sums)])
        if (std::holds_alternative<ops::BatchNorm>(graph.nodes[static_cast<size_t>(reader)].op))
          return true;
  return false;
}

}  // namespace

std::vector<WeightSlot> weight_slots(const Graph& graph, const autograd::Parameters& parameters) {
  const autograd::FakeQuantizations fake = autograd::fake_quantizations(graph);
  std::vector<WeightSlot> result;
  for (const autograd::Slot& scales : parameters.slots) {
    const Value& value = graph.value(scales.value);
    if (!scales.scales || !value.constant()) continue;
    const auto data = std::ranges::find(parameters.slots, scales.value, &autograd::Slot::value);
    const Quantization& q = *value.type.quantization;
    result.push_back({data->offset, data->count, scales.offset, value.type.shape, q.axis, q.bits,
                      fake[static_cast<size_t>(scales.value)]->range,
                      is_normalized(graph, scales.value)});
  }
  return result;
}

void keep_in_range(const std::vector<WeightSlot>& slots, std::span<float> values) {
  for (const WeightSlot& slot : slots) {
    if (slot.normalized) continue;
    for_each_channel(slot.shape, slot.axis, [&](size_t i, size_t channel) {
      const float scale = values[slot.scales + channel];
      float& weight = values[slot.offset + i];
      weight = std::min(std::max(weight, scale * static_cast<float>(slot.range.min)),
                        scale * static_cast<float>(slot.range.max));
    });
  }
}

}  // namespace mote::compress
