#include "evaluate/optimization.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ir/node.h"
#include "ops/op_def.h"
#include "ops/verify.h"

namespace mote::evaluate {
namespace {

void add(NetworkSize& size, const Graph& graph, const Node& node) {
  std::vector<TensorType> inputs, outputs;
  for (const ValueId id : node.inputs)
    inputs.push_back(id == kNoValue ? TensorType{} : widened_type(graph.value(id)));
  for (const ValueId id : node.outputs) outputs.push_back(graph.value(id).type);
  const OpDef& def = op_def(node.op);
  size.nodes++;
  size.macs += def.cost(node.op, inputs, outputs).macs;
  for (size_t i = 0; i < inputs.size(); i++) {
    if (node.inputs[i] == kNoValue ||
        def.channels(node.op, inputs, outputs, {i, 0}).kind != Channels::Kind::weights)
      continue;
    size.weights += element_count(inputs[i].shape);
    size.channels += channel_count(outputs[0].shape);
  }
}

}  // namespace

NetworkSize size_of(const Graph& graph) {
  NetworkSize size;
  std::set<ValueId> constants;  // nodes may share them
  for (const Node& node : graph.nodes) {
    add(size, graph, node);
    for (const ValueId id : node.inputs)
      if (id != kNoValue && graph.value(id).constant() && constants.insert(id).second)
        size.weight_bytes += byte_size(graph.value(id).type);
  }
  return size;
}

int64_t Optimization::removed_channels() const {
  int64_t removed = 0;
  for (const PassEffect& pass : passes)
    removed += std::max(pass.before.channels - pass.after.channels, int64_t{0});
  return removed;
}

Optimization optimize(Graph graph) {
  Optimization result = not_optimized(std::move(graph));
  result.passes.clear();
  passes::optimize(result.graph, [&](const passes::PassReport& report) {
    const NetworkSize before = result.passes.empty() ? result.before : result.passes.back().after;
    result.passes.push_back({report, before, report.changed ? size_of(result.graph) : before});
  });
  result.after = size_of(result.graph);
  return result;
}

Optimization not_optimized(Graph graph) {
  const NetworkSize size = size_of(graph);
  return {std::move(graph), {}, size, size};
}

}  // namespace mote::evaluate
