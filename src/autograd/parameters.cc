#include <algorithm>

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
  collector.result.trainable = collector.result.values.size();
  for (const Node& node : graph.nodes)
    for (size_t i = 0; i < node.inputs.size(); i++)
      if (is_statistic(node, i)) collector.add(node.inputs[i], false);
  return std::move(collector.result);
}

void store(const Parameters& parameters, std::span<const float> values, Graph& graph) {
  for (const Slot& slot : parameters.slots) {
    Value& value = graph.value(slot.value);
    value.type.dtype = DType::float32;  // also what was float16 before
    value.data = std::make_shared<const Bytes>(to_bytes(values.subspan(slot.offset, slot.count)));
  }
}

}  // namespace mote::autograd
