#include <algorithm>

#include "ir/node.h"
#include "passes/passes.h"

namespace mote::passes {
namespace {

// For these operators an output of the input's very type has the input's very bytes.
bool is_identity(const Graph& graph, const Node& node) {
  return (std::holds_alternative<ops::Reshape>(node.op) ||
          std::holds_alternative<ops::Pad>(node.op) ||
          std::holds_alternative<ops::Quantize>(node.op)) &&
         graph.value(node.inputs[0]).type == graph.value(node.outputs[0]).type;
}

// Inputs and outputs of the graph keep their names: the value that nobody sees is the one to go.
// False where both are seen.
bool bypass(Graph& graph, const Node& node) {
  const ValueId in = node.inputs[0], out = node.outputs[0];
  if (!is_output(graph, out)) {
    replace_uses(graph, out, in);
    return true;
  }
  const int32_t maker = producers(graph)[static_cast<size_t>(in)];
  if (maker < 0 || is_output(graph, in)) return false;
  std::ranges::replace(graph.nodes[static_cast<size_t>(maker)].outputs, in, out);
  replace_uses(graph, in, out);
  return true;
}

// The second Reshape of two can read what the first one read.
bool skip_reshape(Graph& graph, Node& node, const std::vector<int32_t>& makers) {
  if (!std::holds_alternative<ops::Reshape>(node.op)) return false;
  const int32_t maker = makers[static_cast<size_t>(node.inputs[0])];
  if (maker < 0) return false;
  const Node& first = graph.nodes[static_cast<size_t>(maker)];
  if (!std::holds_alternative<ops::Reshape>(first.op)) return false;
  node.inputs[0] = first.inputs[0];
  return true;
}

}  // namespace

bool eliminate_identity(Graph& graph) {
  bool changed = false;
  const std::vector<int32_t> makers = producers(graph);
  for (Node& node : graph.nodes)
    while (skip_reshape(graph, node, makers)) changed = true;
  for (size_t n = 0; n < graph.nodes.size();) {
    const Node node = graph.nodes[n];
    if (is_identity(graph, node) && bypass(graph, node)) {
      graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(n));
      changed = true;
    } else {
      n++;
    }
  }
  return changed;
}

}  // namespace mote::passes
