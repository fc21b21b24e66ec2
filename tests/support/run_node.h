// Runs the one node of a graph through its operator's `lower` and reference kernels, without
// planning: how the operators' tests reach their kernels. Rows can be computed in pieces, and the
// first input can lie in a ring that holds only the rows that are needed at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/storage/packing.h"
#include "ir/node.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "ops/op_def.h"

namespace mote::testing {

struct RunOptions {
  mote_rounding rounding = MOTE_ROUNDING_DOUBLE;
  int32_t rows_at_once = 0;  // 0: all output rows in one call
  // Where not 0: operand 0 is a ring of so many rows, filled up to the row `rows_needed` names
  // before the output row is computed. Batch 1 only.
  int32_t ring_rows = 0;
  std::function<int32_t(int32_t output_row)> rows_needed = {};
  std::string_view variant = "reference";  // of every kernel that has it
  int32_t in_place_input = -1;  // where not -1: the output lies in the memory of this input
  // Where not null: weights lie in this storage, decoded so many channels at a time.
  const deploy::Storage* storage = nullptr;
  int32_t packed_channels = 0;
};

class NodeRun {
 public:
  NodeRun(const Graph& graph, const RunOptions& options)
      : options_(options),
        homes_(initial_homes(graph)),
        lowering_(graph, graph.nodes.at(0), options.rounding, homes_) {
    op_def(lowering_.node.op).lower(lowering_.node.op, lowering_);
    for (Call& call : lowering_.calls)
      for (const Kernel& kernel : kernels())
        if (kernel.name == call.kernel && kernel.variant == options.variant)
          choose(kernel, call, lowering_.constants);
    if (options.storage != nullptr)
      for (Call& call : lowering_.calls)
        packed_ |= deploy::pack_weights_as(*options.storage, options.packed_channels, call,
                                           lowering_.constants);
    for (const Value& value : graph.values)
      values_.push_back(value.constant() ? *value.data
                                         : Bytes(static_cast<size_t>(byte_size(value.type)), 0xA5));
    for (const Value& value : homes_.intermediates)
      values_.emplace_back(static_cast<size_t>(byte_size(value.type)), uint8_t{0xA5});
  }

  Bytes& value(ValueId id) {
    const Node& node = lowering_.node;
    const bool shared = options_.in_place_input >= 0 && id == node.outputs[0];
    if (shared) id = node.inputs.at(static_cast<size_t>(options_.in_place_input));
    return values_.at(static_cast<size_t>(id));
  }

  const std::vector<Call>& calls() const { return lowering_.calls; }
  // Whether the storage that was asked for holds the weights of a kernel that reads it.
  bool packed() const { return packed_; }
  // Of the call that makes the output.
  const std::string& variant() const { return lowering_.calls.back().variant; }
  const Kernel& kernel() const { return find_kernel(lowering_.calls.back().kernel, variant()); }
  const std::vector<Constant>& constants() const { return lowering_.constants; }

  void run() {
    for (size_t i = 0; i < lowering_.calls.size(); i++)
      run(lowering_.calls[i], lowering_.call_rows[i]);
  }

 private:
  void run(const Call& call, int32_t rows) {
    std::vector<mote_operand> operands;
    for (const Operand& operand : call.operands) operands.push_back(resolve(operand));
    Bytes scratch(static_cast<size_t>(call.scratch_bytes));
    if (!scratch.empty()) operands.push_back({{scratch.data()}, 0, 0});

    // The ring is of the call that makes the output; those before it work on whole inputs.
    const int32_t ring_rows = &call == &lowering_.calls.back() ? options_.ring_rows : 0;
    const auto* source = static_cast<const uint8_t*>(operands[0].constant);
    const size_t row_bytes = static_cast<size_t>(operands[0].row_stride_bytes);
    Bytes ring(static_cast<size_t>(ring_rows) * row_bytes, 0xA5);
    std::vector<int32_t> places;
    for (int32_t row = 0; row < call.operands[0].image_rows; row++)
      places.push_back(ring_rows > 0 ? row % ring_rows * operands[0].row_stride_bytes : 0);
    const mote_slots slots{ring.data(), places.data()};
    if (ring_rows > 0) {
      operands[0].slots = &slots;
      operands[0].image_rows = 0;
    }
    int32_t filled = 0;
    const int32_t step = options_.rows_at_once > 0 ? options_.rows_at_once : rows;
    const Kernel& kernel = find_kernel(call.kernel, call.variant);
    for (int32_t row = 0; row < rows; row += step) {
      for (; ring_rows > 0 && filled < options_.rows_needed(row); filled++)
        std::memcpy(ring.data() + static_cast<size_t>(filled % ring_rows) * row_bytes,
                    source + static_cast<size_t>(filled) * row_bytes, row_bytes);
      kernel.run(call.params.bytes.data(), operands.data(), row, std::min(row + step, rows));
    }
  }

  mote_operand resolve(const Operand& operand) {
    mote_operand result{{nullptr}, operand.row_stride_bytes, operand.image_rows};
    const auto index = static_cast<size_t>(operand.index);
    switch (operand.space) {
      case Space::none:
        break;
      case Space::arena:
        result.data = value(operand.index).data();
        break;
      case Space::constant:
        result.constant = lowering_.constants.at(index).data.data();
        break;
      case Space::weights: {
        weights_.push_back(deploy::stored_weights(lowering_.constants.at(index)));
        result.weights = &weights_.back();
        break;
      }
      default:
        throw std::logic_error("there are no ports before planning");
    }
    return result;
  }

  RunOptions options_;
  bool packed_ = false;
  Homes homes_;
  Lowering lowering_;
  std::vector<Bytes> values_;
  std::deque<mote_weights> weights_;
};

// The first output, for the contents of the graph's inputs.
inline Bytes run_node(const Graph& graph, std::span<const Bytes> inputs,
                      const RunOptions& options = {}) {
  NodeRun node_run(graph, options);
  for (size_t i = 0; i < inputs.size(); i++) node_run.value(graph.inputs.at(i)) = inputs[i];
  node_run.run();
  return node_run.value(graph.outputs.at(0));
}

}  // namespace mote::testing
