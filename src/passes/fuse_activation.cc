#include <algorithm>
#include <optional>

#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

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

void fuse(Rewriter& rewriter, int32_t index) {
  const Node& node = rewriter.node(index);
  const std::optional<Activation> wanted = activation_of(node.op);
  const int32_t before = wanted ? rewriter.maker(node.inputs[0]) : -1;
  if (before < 0) return;
  const auto attribute = op_def(rewriter.node(before).op).activation;
  if (!attribute || *attribute(rewriter.op(before)) != Activation::none) return;
  const ValueId in = node.inputs[0], out = node.outputs[0];
  if (!rewriter.has_single_use(in) ||
      !only_clamps(rewriter.graph.value(in).type, rewriter.graph.value(out).type))
    return;
  *attribute(rewriter.op(before)) = *wanted;
  rewriter.remove(index);
  std::vector<ValueId> outputs = rewriter.node(before).outputs;
  std::ranges::replace(outputs, in, out);
  rewriter.set_outputs(before, std::move(outputs));
}

}  // namespace

bool fuse_activation(Graph& graph) {
  Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++) fuse(rewriter, index);
  return rewriter.finish();
}

}  // namespace mote::passes
