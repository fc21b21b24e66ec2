// Runs one node through its operator's `lower` and reference kernels, without planning: how the
// operators' tests reach their kernels. Rows can be computed in pieces, and inputs laid in rings.
#pragma once

#include <deque>
#include <span>
#include <stdexcept>
#include <vector>

#include "ops/kernel.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/verify.h"

namespace mote::testing {

struct RunOptions {
  mote_rounding rounding = MOTE_ROUNDING_DOUBLE;
  int32_t rows_at_once = 0;  // 0: all output rows in one call
};

// The operand's memory, as the kernel of `call` sees it.
class NodeRun {
 public:
  NodeRun(const Graph& graph, const Node& node, const RunOptions& options)
      : options_(options),
        homes_(initial_homes(graph)),
        lowering_(graph, node, options.rounding, homes_) {
    op_def(node.op).lower(node.op, lowering_);
    for (const Value& value : graph.values)
      values_.emplace_back(value.constant() ? *value.data : Bytes(byte_size(value.type), 0xA5));
  }

  const Lowering& lowering() const { return lowering_; }
  Bytes& value(ValueId id) { return values_.at(static_cast<size_t>(id)); }

  void run() {
    for (size_t i = 0; i < lowering_.calls.size(); i++) run(lowering_.calls[i], i);
  }

 private:
  void run(const Call& call, size_t index) {
    std::vector<mote_operand> operands;
    for (const Operand& operand : call.operands) operands.push_back(resolve(operand));
    Bytes scratch(static_cast<size_t>(call.scratch_bytes));
    if (!scratch.empty()) operands.push_back({{scratch.data()}, 0, 0});
    const int32_t rows = lowering_.call_rows[index];
    const int32_t step = options_.rows_at_once > 0 ? options_.rows_at_once : rows;
    const Kernel& kernel = find_kernel(call.kernel, call.variant);
    for (int32_t row = 0; row < rows; row += step)
      kernel.run(call.params.bytes.data(), operands.data(), row, std::min(row + step, rows));
  }

  mote_operand resolve(const Operand& operand) {
    mote_operand result{{nullptr}, operand.row_stride_bytes, operand.ring_rows};
    const auto index = static_cast<size_t>(operand.index);
    switch (operand.space) {
      case Space::none:
        break;
      case Space::arena:
        result.data = values_.at(index).data();
        break;
      case Space::constant:
        result.constant = lowering_.constants.at(index).data.data();
        break;
      case Space::weights: {
        const Constant& constant = lowering_.constants.at(index);
        weights_.push_back({constant.data.data(), constant.storage, nullptr});
        result.weights = &weights_.back();
        break;
      }
      default:
        throw std::logic_error("no such space before planning");
    }
    return result;
  }

  RunOptions options_;
  Homes homes_;
  Lowering lowering_;
  std::vector<Bytes> values_;
  std::deque<mote_weights> weights_;
};

// The output of the only node of `graph` for the contents of its inputs.
inline Bytes run_node(const Graph& graph, std::span<const Bytes> inputs,
                      const RunOptions& options = {}) {
  NodeRun node_run(graph, graph.nodes.at(0), options);
  for (size_t i = 0; i < inputs.size(); i++) node_run.value(graph.inputs.at(i)) = inputs[i];
  node_run.run();
  return node_run.value(graph.outputs.at(0));
}

}  // namespace mote::testing
