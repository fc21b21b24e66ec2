#include <algorithm>

#include "base/error.h"
#include "ir/node.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "passes/passes.h"

namespace mote::passes {
namespace {

// A small file can ask for a huge result (Pad); as a constant that would only fill the flash.
constexpr int64_t kMaxBytes = int64_t{1} << 26;

// An output of the graph stays what a node makes: no program hands out a constant.
bool can_fold(const Graph& graph, const Node& node) {
  return !is_output(graph, node.outputs[0]) &&
         byte_size(graph.value(node.outputs[0]).type) <= kMaxBytes &&
         std::ranges::all_of(
             node.inputs, [&](ValueId id) { return id == kNoValue || graph.value(id).constant(); });
}

// Runs the calls of one node: the kernels that would run it on a device, in memory of our own.
Bytes execute(Lowering& lowering, const Homes& homes) {
  Bytes output(static_cast<size_t>(byte_size(lowering.output_type())));
  const size_t values = lowering.graph.values.size();
  std::vector<Bytes> intermediates;
  for (const Value& value : homes.intermediates)
    intermediates.emplace_back(static_cast<size_t>(byte_size(value.type)));
  std::vector<mote_weights> weights;
  for (const Constant& constant : lowering.constants) weights.push_back(plain_weights(constant));
  const auto resolve = [&](const Operand& operand) {
    mote_operand resolved{};
    resolved.row_stride_bytes = operand.row_stride_bytes;
    resolved.ring_rows = operand.ring_rows;
    const auto index = static_cast<size_t>(operand.index);
    if (operand.space == Space::arena)
      resolved.data = index < values ? output.data() : intermediates[index - values].data();
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
  return output;
}

// False where there is no kernel for it: the node stays, and `lower` will say what is missing.
bool fold(Graph& graph, const Node& node) {
  const ValueId output = node.outputs[0];
  Homes homes = initial_homes(graph);
  homes.pinned[static_cast<size_t>(output)] = true;  // what would be an alias is copied
  Lowering lowering(graph, node, MOTE_ROUNDING_DOUBLE, homes);
  try {
    check_quantized(graph, node);
    op_def(node.op).lower(node.op, lowering);
  } catch (const Error&) {
    return false;
  }
  graph.value(output).data = std::make_shared<const Bytes>(execute(lowering, homes));
  return true;
}

}  // namespace

bool fold_constants(Graph& graph) {
  return std::erase_if(graph.nodes, [&](const Node& node) {
           return can_fold(graph, node) && fold(graph, node);
         }) > 0;
}

}  // namespace mote::passes
