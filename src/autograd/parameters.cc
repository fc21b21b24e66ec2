#include <algorithm>

#include "autograd/fake_quantization.h"
#include "autograd/network.h"
#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::autograd {
namespace {

// Whether training's batches move this operand, which has no gradient: the statistics of a
// BatchNorm.
bool is_statistic(const Node& node, size_t input) {
  return std::holds_alternative<ops::BatchNorm>(node.op) && input >= 3;
}

bool is_weight(const Node& node, size_t input) {
  const auto rule_of = op_def(node.op).quantization;
  if (!rule_of) return false;
  const QuantizationRule rule = rule_of(node.op, Scheme::int8);
  return input < rule.inputs.size() && rule.inputs[input].role == Role::weight;
}

class Collector {
 public:
  explicit Collector(const Graph& graph) : graph_(graph), seen_(graph.values.size()) {}

  void add(ValueId id, bool decays) {
    if (id == kNoValue || !graph_.value(id).constant() || seen_[static_cast<size_t>(id)]) return;
    seen_[static_cast<size_t>(id)] = true;
    const std::vector<float> data = float_data(graph_.value(id));
    result.slots.push_back({id, result.values.size(), data.size(), decays, graph_.value(id).mask});
    result.values.insert(result.values.end(), data.begin(), data.end());
  }

  void add_scales(ValueId id) {
    const std::vector<float>& scales = graph_.value(id).type.quantization->scale;
    result.slots.push_back(
        {id, result.values.size(), scales.size(), /*decays=*/false, nullptr, /*scales=*/true});
    result.values.insert(result.values.end(), scales.begin(), scales.end());
  }

  Parameters result;

 private:
  const Graph& graph_;
  std::vector<bool> seen_;  // a constant that two nodes share is one parameter
};

}  // namespace

Parameters parameters_of(const Graph& graph) {
  Collector collector(graph);
  for (const Node& node : graph.nodes)
    for (int32_t input : op_def(node.op).trainable_inputs) {
      const auto i = static_cast<size_t>(input);
      if (i < node.inputs.size()) collector.add(node.inputs[i], is_weight(node, i));
    }
  const FakeQuantizations fake = fake_quantizations(graph);
  for (ValueId id = 0; id < std::ssize(fake); id++)
    if (const auto& how = fake[static_cast<size_t>(id)]; how && how->learned && how->scale == id)
      collector.add_scales(id);
  collector.result.trainable = collector.result.values.size();
  for (const Node& node : graph.nodes)
    for (size_t i = 0; i < node.inputs.size(); i++)
      if (is_statistic(node, i)) collector.add(node.inputs[i], false);
  return std::move(collector.result);
}

void store(const Parameters& parameters, std::span<const float> values, Graph& graph) {
  for (const Slot& slot : parameters.slots) {
    Value& value = graph.value(slot.value);
    const std::span<const float> numbers = values.subspan(slot.offset, slot.count);
    if (slot.scales) {
      value.type.quantization->scale.assign(numbers.begin(), numbers.end());
      continue;
    }
    value.type.dtype = DType::float32;  // also what was float16 before
    value.data = std::make_shared<const Bytes>(to_bytes(numbers));
  }
  tie_scales(graph);
}

}  // namespace mote::autograd
