#include <algorithm>
#include <map>
#include <utility>

#include "base/error.h"
#include "ir/node.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace mote::passes {
namespace {

// A small file can ask for a huge result (Pad); as a constant that would only fill the flash.
constexpr int64_t kMaxBytes = int64_t{1} << 26;

// An output of the graph stays what a node makes: no program hands out a constant.
bool can_fold(const Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.graph;
  const auto small = [&](ValueId id) {
    return !rewriter.is_output(id) && byte_size(graph.value(id).type) <= kMaxBytes;
  };
  const auto constant = [&](ValueId id) { return id == kNoValue || graph.value(id).constant(); };
  return std::ranges::all_of(node.outputs, small) && std::ranges::all_of(node.inputs, constant);
}

// A graph of one node: what it takes to fold it does not grow with the graph that it is of.
Graph alone(const Graph& graph, const Node& node) {
  Graph result;
  result.nodes = {node};
  for (std::vector<ValueId>* ids : {&result.nodes[0].inputs, &result.nodes[0].outputs})
    for (ValueId& id : *ids) {
      if (id == kNoValue) continue;
      result.values.push_back(graph.value(id));
      id = static_cast<ValueId>(result.values.size() - 1);
    }
  return result;
}

// Runs the calls of one node: the kernels that would run it on a device, in memory of our own.
// Gives the bytes of each output.
std::vector<Bytes> execute(Lowering& lowering, const Homes& homes) {
  std::map<ValueId, Bytes> memory;  // of the outputs, and of what lies between the calls
  const auto reserve = [&](ValueId id, const TensorType& type) {
    memory[id].resize(static_cast<size_t>(byte_size(type)));
  };
  for (const ValueId id : lowering.node.outputs) reserve(id, lowering.graph.value(id).type);
  auto next = static_cast<ValueId>(lowering.graph.values.size());
  for (const Value& value : homes.intermediates) reserve(next++, value.type);
  std::vector<mote_weights> weights;
  for (const Constant& constant : lowering.constants) weights.push_back(plain_weights(constant));
  const auto resolve = [&](const Operand& operand) {
    mote_operand resolved{};
    resolved.row_stride_bytes = operand.row_stride_bytes;
    resolved.image_rows = operand.image_rows;
    const auto index = static_cast<size_t>(operand.index);
    if (operand.space == Space::arena) resolved.data = memory.at(operand.index).data();
    if (operand.space == Space::constant) resolved.constant = lowering.constants[index].data.data();
    if (operand.space == Space::weights) resolved.weights = &weights[index];
    return resolved;
  };
  for (size_t c = 0; c < lowering.calls.size(); c++) {
    const Call& call = lowering.calls[c];
    Bytes scratch(static_cast<size_t>(call.scratch_bytes));
    std::vector<mote_operand> operands;
    for (const Operand& operand : call.operands) operands.push_back(resolve(operand));
    operands.push_back({{scratch.data()}, 0, 0});
    find_kernel(call.kernel, call.variant)
        .run(call.params.bytes.data(), operands.data(), 0, lowering.call_rows[c]);
  }
  std::vector<Bytes> outputs;
  for (const ValueId id : lowering.node.outputs) outputs.push_back(std::move(memory.at(id)));
  return outputs;
}

// False where there is no kernel for it: the node stays, and `lower` will say what is missing.
bool fold(Graph& graph, const Node& folded) {
  const Graph small = alone(graph, folded);
  const Node& node = small.nodes[0];
  Homes homes = initial_homes(small);
  for (const ValueId id : node.outputs)
    homes.pinned[static_cast<size_t>(id)] = true;  // what would be an alias is copied
  Lowering lowering(small, node, MOTE_ROUNDING_DOUBLE, homes);
  try {
    check_quantized(small, node);
    op_def(node.op).lower(node.op, lowering);
  } catch (const Error&) {
    return false;
  }
  std::vector<Bytes> outputs = execute(lowering, homes);
  for (size_t i = 0; i < outputs.size(); i++)
    graph.value(folded.outputs[i]).data = std::make_shared<const Bytes>(std::move(outputs[i]));
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
