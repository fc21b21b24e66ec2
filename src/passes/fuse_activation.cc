#include <algorithm>
#include <optional>

#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/passes.h"
#include "passes/weighted_layer.h"

namespace mote::passes {
namespace {

std::optional<Activation> activation_of(const Op& op) {
  if (std::holds_alternative<ops::Relu>(op)) return Activation::relu;
  if (std::holds_alternative<ops::Relu6>(op)) return Activation::relu6;
  return std::nullopt;
}

// An integer activation may also rescale, which a clamp at the end of the node before does not.
bool only_clamps(const TensorType& before, const TensorType& after) {
  return before.dtype == DType::float32 || before.quantization == after.quantization;
}

bool fuse(Graph& graph, Node& before, const Node& activation_node) {
  const auto attribute = op_def(before.op).activation;
  if (!attribute || *attribute(before.op) != Activation::none) return false;
  const ValueId in = activation_node.inputs[0], out = activation_node.outputs[0];
  if (!has_single_use(graph, in) || !only_clamps(graph.value(in).type, graph.value(out).type))
    return false;
  *attribute(before.op) = *activation_of(activation_node.op);
  std::ranges::replace(before.outputs, in, out);
  return true;
}

}  // namespace

bool fuse_activation(Graph& graph) {
  const std::vector<int32_t> makers = producers(graph);
  const size_t before = graph.nodes.size();
  std::vector<bool> fused(graph.nodes.size());
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const Node& node = graph.nodes[n];
    if (!activation_of(node.op)) continue;
    const int32_t maker = makers[static_cast<size_t>(node.inputs[0])];
    fused[n] = maker >= 0 && fuse(graph, graph.nodes[static_cast<size_t>(maker)], node);
  }
  size_t n = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return fused[n++]; });
  return graph.nodes.size() != before;
}

}  // namespace mote::passes
