#include "compress/train/weight_slots.h"

#include <algorithm>

#include "autograd/fake_quantization.h"

namespace mote::compress {

std::vector<WeightSlot> weight_slots(const Graph& graph, const autograd::Parameters& parameters) {
  const autograd::FakeQuantizations fake = autograd::fake_quantizations(graph);
  std::vector<WeightSlot> result;
  for (const autograd::Slot& scales : parameters.slots) {
    const Value& value = graph.value(scales.value);
    if (!scales.scales || !value.constant()) continue;
    const auto data = std::ranges::find(parameters.slots, scales.value, &autograd::Slot::value);
    const Quantization& q = *value.type.quantization;
    result.push_back({data->offset, data->count, scales.offset, value.type.shape, q.axis, q.bits,
                      fake[static_cast<size_t>(scales.value)]->range});
  }
  return result;
}

}  // namespace mote::compress
