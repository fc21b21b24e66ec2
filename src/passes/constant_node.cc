#include "passes/constant_node.h"

#include <map>
#include <utility>

#include "base/error.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/verify.h"

namespace mote::passes {
namespace {

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

}  // namespace

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

std::optional<std::vector<Bytes>> run_on_constants(const Graph& graph, mote_rounding rounding) {
  const Node& node = graph.nodes.at(0);
  Homes homes = initial_homes(graph);
  for (const ValueId id : node.outputs)
    homes.pinned[static_cast<size_t>(id)] = true;  // what would be an alias is copied
  Lowering lowering(graph, node, rounding, homes);
  try {
    check_quantized(graph, node);
    op_def(node.op).lower(node.op, lowering);
  } catch (const Error&) {
    return std::nullopt;
  }
  return execute(lowering, homes);
}

}  // namespace mote::passes
