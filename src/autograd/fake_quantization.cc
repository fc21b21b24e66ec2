#include "autograd/fake_quantization.h"

#include <algorithm>

#include "ir/node.h"
#include "ir/scheme.h"
#include "ops/op_def.h"

namespace mote::autograd {
namespace {

bool is_annotated(const Graph& graph, ValueId id) {
  if (id == kNoValue) return false;
  const TensorType& type = graph.value(id).type;
  return type.dtype == DType::float32 && type.quantization.has_value();
}

bool has_wide_activations(const Graph& graph) {
  return std::ranges::any_of(graph.inputs, [&](ValueId id) {
    return is_annotated(graph, id) && graph.value(id).type.quantization->bits > 8;
  });
}

Range range_of(const Quantization& q) {
  return integer_range(q.bits > 8 ? DType::int16 : DType::int8);
}

// Of what a node makes: an operator that ties its output's scale to an input's has the input's.
FakeQuantization output_of(const Graph& graph, const Node& node, size_t index,
                           const FakeQuantizations& known, Scheme scheme) {
  const ValueId id = node.outputs[index];
  const OutputRule rule = op_def(node.op).quantization(node.op, scheme).output(index);
  const Range range = range_of(*graph.value(id).type.quantization);
  switch (rule.kind) {
    case OutputRule::Kind::same_as:
      if (const auto& of =
              known[static_cast<size_t>(node.inputs.at(static_cast<size_t>(rule.input)))])
        return {range, of->scale, of->learned};
      break;
    case OutputRule::Kind::fixed:
      return {range, id, false};
    case OutputRule::Kind::free:
      break;
  }
  return {range, id, true};
}

}  // namespace

FakeQuantizations fake_quantizations(const Graph& graph) {
  FakeQuantizations result(graph.values.size());
  const auto of = [&](ValueId id) -> auto& {
    return result[static_cast<size_t>(id)];
  };
  const Scheme scheme = has_wide_activations(graph) ? Scheme::int16x8 : Scheme::int8;
  for (const ValueId id : graph.inputs)
    if (is_annotated(graph, id)) of(id) = {range_of(*graph.value(id).type.quantization), id, false};
  for (const Node& node : graph.nodes) {
    const auto rule_of = op_def(node.op).quantization;
    if (rule_of == nullptr) continue;
    const QuantizationRule rule = rule_of(node.op, scheme);
    for (size_t i = 0; i < node.inputs.size(); i++) {
      const ValueId id = node.inputs[i];
      if (!is_annotated(graph, id) || !graph.value(id).constant()) continue;
      const Quantization& q = *graph.value(id).type.quantization;
      const bool weight = i < rule.inputs.size() && rule.inputs[i].role == Role::weight;
      of(id) = {weight ? weight_range(q.bits) : range_of(q), id, weight};
    }
    for (size_t i = 0; i < node.outputs.size(); i++)
      if (is_annotated(graph, node.outputs[i]))
        of(node.outputs[i]) = output_of(graph, node, i, result, scheme);
  }
  return result;
}

std::vector<std::optional<SumsBehind>> sums_behind(const Graph& graph,
                                                   const FakeQuantizations& all) {
  std::vector<std::optional<SumsBehind>> result(graph.values.size());
  // What is known of a value that only batch norms and activations separate from its sums.
  std::vector<std::optional<SumsBehind>> so_far(graph.values.size());
  const auto known = [&](ValueId id) { return id != kNoValue && all[static_cast<size_t>(id)]; };
  for (const Node& node : graph.nodes) {
    std::optional<SumsBehind>& sums = so_far[static_cast<size_t>(node.outputs[0])];
    const ValueId input = node.inputs.empty() ? kNoValue : node.inputs[0];
    if (const auto* norm = std::get_if<ops::BatchNorm>(&node.op)) {
      sums = so_far[static_cast<size_t>(input)];
      if (sums && sums->gamma != kNoValue) sums.reset();
      if (sums) sums = {sums->input, sums->weights, node.inputs[1], node.inputs[4], norm->epsilon};
    } else if (std::holds_alternative<ops::Relu>(node.op) ||
               std::holds_alternative<ops::Relu6>(node.op)) {
      sums = so_far[static_cast<size_t>(input)];
    } else if (node.inputs.size() > 1 && known(input) && known(node.inputs[1]) &&
               all[static_cast<size_t>(node.inputs[1])]->learned &&
               graph.value(node.inputs[1]).constant()) {
      sums = SumsBehind{input, node.inputs[1]};
    }
    if (!known(node.outputs[0])) continue;
    if (graph.value(node.outputs[0]).type.quantization->bits == 8)
      result[static_cast<size_t>(node.outputs[0])] = sums;
    sums.reset();  // another operator rescales what is rounded here
  }
  return result;
}

void tie_scales(Graph& graph) {
  const FakeQuantizations all = fake_quantizations(graph);
  for (size_t id = 0; id < all.size(); id++)
    if (all[id])
      graph.values[id].type.quantization->scale =
          graph.value(all[id]->scale).type.quantization->scale;
}

}  // namespace mote::autograd
