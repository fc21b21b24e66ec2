#include <algorithm>

#include "ir/node.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

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
// Nothing goes where both are seen.
void bypass(Rewriter& rewriter, int32_t index) {
  const ValueId in = rewriter.node(index).inputs[0], out = rewriter.node(index).outputs[0];
  const int32_t maker = rewriter.maker(in);
  if (!rewriter.is_output(out)) {
    rewriter.replace_uses(out, in);
  } else if (maker >= 0 && !rewriter.is_output(in)) {
    std::vector<ValueId> outputs = rewriter.node(maker).outputs;
    std::ranges::replace(outputs, in, out);
    rewriter.replace_uses(in, out);
    rewriter.set_outputs(maker, std::move(outputs));
  } else {
    return;
  }
  rewriter.remove(index);
}

// The second Reshape of two can read what the first one read.
bool skip_reshape(Rewriter& rewriter, int32_t index) {
  const Node& node = rewriter.node(index);
  if (!std::holds_alternative<ops::Reshape>(node.op)) return false;
  const int32_t maker = rewriter.maker(node.inputs[0]);
  if (maker < 0) return false;
  const Node& first = rewriter.node(maker);
  if (!std::holds_alternative<ops::Reshape>(first.op)) return false;
  rewriter.set_input(index, 0, first.inputs[0]);
  return true;
}

}  // namespace

bool eliminate_identity(Graph& graph) {
  Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++)
    while (skip_reshape(rewriter, index)) continue;
  for (int32_t index = 0; index < rewriter.node_count(); index++)
    if (is_identity(graph, rewriter.node(index))) bypass(rewriter, index);
  return rewriter.finish();
}

}  // namespace mote::passes
