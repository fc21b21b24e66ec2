#include <algorithm>
#include <utility>

#include "ir/node.h"
#include "passes/constant_node.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace mote::passes {
namespace {

// A small file can ask for a huge result (Pad); as a constant that would only fill the flash.
constexpr int64_t kMaxFoldedBytes = int64_t{1} << 26;

// An output of the graph stays what a node makes: no program hands out a constant.
bool can_fold(const Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.graph;
  const auto small = [&](ValueId id) {
    return !rewriter.is_output(id) && byte_size(graph.value(id).type) <= kMaxFoldedBytes;
  };
  const auto constant = [&](ValueId id) { return id == kNoValue || graph.value(id).constant(); };
  return std::ranges::all_of(node.outputs, small) && std::ranges::all_of(node.inputs, constant);
}

// False where there is no kernel for it: the node stays, and `lower` will say what is missing.
bool fold(Graph& graph, const Node& node) {
  std::optional<std::vector<Bytes>> outputs = run_on_constants(alone(graph, node));
  if (!outputs) return false;
  for (size_t i = 0; i < outputs->size(); i++)
    graph.value(node.outputs[i]).data = std::make_shared<const Bytes>(std::move((*outputs)[i]));
  return true;
}

}  // namespace

bool fold_constants(Graph& graph) {
  Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++) {
    const Node& node = rewriter.node(index);
    if (can_fold(rewriter, node) && fold(graph, node)) rewriter.remove(index);
  }
  return rewriter.finish();
}

}  // namespace mote::passes
