#include "compress/quantize/layer_bits.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::compress {
namespace {

constexpr size_t kLayerWeights = 1;

// Whether the scheme makes integers of the node's operand 1.
bool has_integer_weights(const Graph& graph, const Node& node, const SchemeInfo& info) {
  const OpDef& def = op_def(node.op);
  if (!info.integer_weights() || node.inputs.size() <= kLayerWeights) return false;
  const QuantizationRule rule = def.quantization(node.op, info.scheme);
  if (rule.inputs.size() <= kLayerWeights || rule.inputs[kLayerWeights].role != Role::weight)
    return false;
  if (!info.integer_activations() && def.quantize_inputs_for == nullptr) return false;
  const Value& weights = graph.value(node.inputs[kLayerWeights]);
  return weights.constant() && weights.type.dtype == DType::float32 &&
         element_count(weights.type.shape) >= info.least_elements;
}

// By node: whether a layer comes before it, or, of the nodes from the last to the first, behind it.
class Order {
 public:
  Order(const Graph& graph, const std::vector<bool>& layers)
      : before(graph.nodes.size()), behind(graph.nodes.size()) {
    std::vector<bool> after_layer(graph.values.size()), ahead_of_layer(graph.values.size());
    const auto any = [](const std::vector<bool>& of, const std::vector<ValueId>& ids) {
      return std::ranges::any_of(
          ids, [&](ValueId id) { return id != kNoValue && of[static_cast<size_t>(id)]; });
    };
    for (size_t i = 0; i < graph.nodes.size(); i++) {
      before[i] = any(after_layer, graph.nodes[i].inputs);
      for (const ValueId id : graph.nodes[i].outputs)
        after_layer[static_cast<size_t>(id)] = before[i] || layers[i];
    }
    for (size_t i = graph.nodes.size(); i-- > 0;) {
      behind[i] = any(ahead_of_layer, graph.nodes[i].outputs);
      for (const ValueId id : graph.nodes[i].inputs)
        if (id != kNoValue && (behind[i] || layers[i]))
          ahead_of_layer[static_cast<size_t>(id)] = true;
    }
  }

  std::vector<bool> before, behind;
};

void check_bits(const SchemeInfo& info, int32_t bits) {
  if (bits >= info.least_weight_bits && bits <= info.most_weight_bits()) return;
  throw Error(ErrorKind::usage, fmt::format("{} weights of {} bits", info.name, bits), {},
              fmt::format("{} to {}", info.least_weight_bits, info.most_weight_bits()));
}

void check_names(const Graph& graph, const std::vector<bool>& layers,
                 const std::map<std::string, int32_t>& bits) {
  std::set<std::string> names;
  for (size_t i = 0; i < layers.size(); i++)
    if (layers[i]) names.insert(graph.nodes[i].origin);
  for (const auto& entry : bits)
    if (!names.contains(entry.first))
      throw Error(ErrorKind::usage, fmt::format("no layer '{}' has integer weights", entry.first),
                  graph.name, fmt::format("layers: {}", fmt::join(names, ", ")));
}

}  // namespace

LayerBits layer_bits_of(const Graph& graph, const QuantizeOptions& options) {
  const SchemeInfo& info = info_of(options.scheme);
  std::vector<bool> layers;
  for (const Node& node : graph.nodes) layers.push_back(has_integer_weights(graph, node, info));
  LayerBits result(graph.nodes.size(), 0);
  if (!info.integer_weights()) return result;
  check_bits(info, options.weight_bits);
  check_names(graph, layers, options.layer_bits);
  const Order order(graph, layers);
  for (size_t i = 0; i < result.size(); i++) {
    if (!layers[i]) continue;
    const Node& node = graph.nodes[i];
    int32_t bits = options.weight_bits;
    const auto prefer = [&](bool holds, int32_t special) {
      if (holds && special != 0) bits = special;
    };
    prefer(std::holds_alternative<ops::DepthwiseConv2D>(node.op), options.depthwise_bits);
    prefer(!order.behind[i], options.last_bits);
    prefer(!order.before[i], options.first_bits);
    const auto named = options.layer_bits.find(node.origin);
    if (named != options.layer_bits.end()) bits = named->second;
    check_bits(info, bits);
    result[i] = bits;
  }
  return result;
}

}  // namespace mote::compress
