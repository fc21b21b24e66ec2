#include "deploy/lower/memory.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/plan/plan.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::deploy {
namespace {

constexpr int32_t kAlignmentBytes = 16;

// When a value's bytes are written and last read, by step.
struct Life {
  int32_t first_use = -1;
  int32_t last_use = -1;

  void extend(int32_t step) {
    if (first_use < 0) first_use = step;
    last_use = std::max(last_use, step);
  }
};

class MemoryPlanner {
 public:
  MemoryPlanner(Program& program, const Graph& graph, const Homes& homes, bool keep_all_values)
      : program_(program),
        graph_(graph),
        homes_(homes),
        keep_all_values_(keep_all_values),
        life_(homes.root.size()),
        buffer_(homes.root.size(), -1) {}

  void run() {
    find_lives();
    complete_values();
    make_buffers();
    add_scratch();
    solve();
    resolve_operands();
  }

 private:
  size_t root(ValueId id) const {
    return static_cast<size_t>(homes_.root[static_cast<size_t>(id)]);
  }
  const Value& value_of(size_t root) const {
    const size_t values = graph_.values.size();
    return root < values ? graph_.values[root] : homes_.intermediates[root - values];
  }
  int32_t last_step() const { return std::max(static_cast<int32_t>(program_.calls.size()) - 1, 0); }

  void find_lives() {
    for (ValueId id : graph_.inputs) life_[root(id)].extend(0);
    for (size_t step = 0; step < program_.calls.size(); step++)
      for (const Operand& operand : program_.calls[step].operands)
        if (operand.space == Space::arena)
          life_[root(operand.index)].extend(static_cast<int32_t>(step));
    for (ValueId id : graph_.outputs) life_[root(id)].extend(last_step());
    if (!keep_all_values_) return;
    for (Life& life : life_)
      if (life.first_use >= 0) life.last_use = last_step();
  }

  // Each call's result, with the values that are the same bytes.
  void complete_values() {
    for (Call& call : program_.calls) {
      const auto operand = static_cast<int32_t>(call.operands.size()) - 1;
      const Operand& result = call.operands.back();
      if (result.space != Space::arena) continue;
      for (size_t value = 0; value < graph_.values.size(); value++)
        if (value == static_cast<size_t>(result.index) ||
            homes_.root[value] == static_cast<ValueId>(result.index))
          call.completes.push_back({static_cast<ValueId>(value), operand});
    }
  }

  int32_t new_buffer(const Value& value, Life life) {
    const int64_t size_bytes = byte_size(value.type);
    if (size_bytes > INT32_MAX)
      throw Error(ErrorKind::unsupported, fmt::format("a tensor of {} bytes", size_bytes),
                  fmt::format("value '{}'", value.name),
                  fmt::format("{} bytes are the most", INT32_MAX));
    program_.plan.buffers.push_back(
        {value.name, static_cast<int32_t>(size_bytes), life.first_use, life.last_use, 0});
    return static_cast<int32_t>(program_.plan.buffers.size() - 1);
  }

  // A buffer for every root, in the order of first use; ports first, so that their buffers exist.
  void make_buffers() {
    for (size_t i = 0; i < graph_.inputs.size(); i++)
      program_.inputs[i].buffer = buffer_[root(graph_.inputs[i])] =
          new_buffer(graph_.value(graph_.inputs[i]), life_[root(graph_.inputs[i])]);
    for (size_t i = 0; i < graph_.outputs.size(); i++)
      program_.outputs[i].buffer = buffer_[root(graph_.outputs[i])] =
          new_buffer(graph_.value(graph_.outputs[i]), life_[root(graph_.outputs[i])]);
    for (size_t step = 0; step < program_.calls.size(); step++)
      for (const Operand& operand : program_.calls[step].operands) {
        if (operand.space != Space::arena || buffer_[root(operand.index)] >= 0) continue;
        const size_t value = root(operand.index);
        const int32_t taken = taken_over(program_.calls[step], value, static_cast<int32_t>(step));
        buffer_[value] = taken >= 0 ? taken : new_buffer(value_of(value), life_[value]);
      }
  }

  bool pinned(size_t value) const { return homes_.pinned[value]; }

  // The buffer of an input that dies at this call and whose memory the result may take, or -1.
  int32_t taken_over(const Call& call, size_t value, int32_t step) {
    if (keep_all_values_ || pinned(value) || life_[value].first_use != step) return -1;
    const Node* node = producer_of(value);
    if (node == nullptr) return -1;
    for (int32_t index : op_def(node->op).in_place_inputs) {
      const ValueId input = node->inputs.at(static_cast<size_t>(index));
      if (input == kNoValue || graph_.value(input).constant() || pinned(root(input))) continue;
      const size_t source = root(input);
      const bool dies = life_[source].last_use == step && reads(call, source);
      const auto& type = graph_.values[value].type;
      if (!dies || graph_.value(input).type.shape != type.shape ||
          size_of(graph_.value(input).type.dtype) != size_of(type.dtype))
        continue;
      Buffer& buffer = program_.plan.buffers[static_cast<size_t>(buffer_[source])];
      buffer.last_use = life_[value].last_use;
      buffer.name += "+" + graph_.values[value].name;
      return buffer_[source];
    }
    return -1;
  }

  bool reads(const Call& call, size_t value) const {
    return std::ranges::any_of(call.operands, [&](const Operand& operand) {
      return operand.space == Space::arena && root(operand.index) == value;
    });
  }

  const Node* producer_of(size_t value) const {
    for (const Node& node : graph_.nodes)
      if (std::ranges::find(node.outputs, static_cast<ValueId>(value)) != node.outputs.end())
        return &node;
    return nullptr;
  }

  void add_scratch() {
    for (size_t step = 0; step < program_.calls.size(); step++) {
      Call& call = program_.calls[step];
      if (call.scratch_bytes == 0) continue;
      const auto at = static_cast<int32_t>(step);
      program_.plan.buffers.push_back({call.origin + " scratch", call.scratch_bytes, at, at, 0});
      scratch_[step] = static_cast<int32_t>(program_.plan.buffers.size() - 1);
    }
  }

  void solve() {
    PlanProblem problem{{}, kAlignmentBytes};
    for (const Buffer& buffer : program_.plan.buffers)
      problem.buffers.push_back({buffer.size_bytes, buffer.first_use, buffer.last_use});
    const PlanSolution solution = plan(problem);
    validate(problem, solution);
    for (size_t i = 0; i < solution.offset_bytes.size(); i++)
      program_.plan.buffers[i].offset_bytes = solution.offset_bytes[i];
    program_.plan.peak_bytes = solution.peak_bytes;
    program_.plan.lower_bound_bytes = solution.lower_bound_bytes;
    program_.plan.optimal = solution.optimal;
  }

  // The port that holds a root, or an arena place.
  void place(Operand& operand) const {
    const size_t value = root(operand.index);
    for (size_t i = 0; i < graph_.inputs.size(); i++)
      if (root(graph_.inputs[i]) == value) {
        operand.space = Space::input;
        operand.index = static_cast<int32_t>(i);
        return;
      }
    for (size_t i = 0; i < graph_.outputs.size(); i++)
      if (root(graph_.outputs[i]) == value) {
        operand.space = Space::output;
        operand.index = static_cast<int32_t>(i);
        return;
      }
    operand.index = buffer_[value];
    operand.offset_bytes = program_.plan.buffers[static_cast<size_t>(operand.index)].offset_bytes;
  }

  void resolve_operands() {
    for (size_t step = 0; step < program_.calls.size(); step++) {
      Call& call = program_.calls[step];
      for (Operand& operand : call.operands)
        if (operand.space == Space::arena) place(operand);
      if (call.scratch_bytes == 0) continue;
      const int32_t buffer = scratch_.at(step);
      const int32_t offset = program_.plan.buffers[static_cast<size_t>(buffer)].offset_bytes;
      call.operands.push_back(
          {Space::arena, buffer, offset, 0, 1, {DType::int8, {call.scratch_bytes}, {}}});
    }
  }

  Program& program_;
  const Graph& graph_;
  const Homes& homes_;
  const bool keep_all_values_;
  std::vector<Life> life_;             // by root
  std::vector<int32_t> buffer_;        // by root
  std::map<size_t, int32_t> scratch_;  // by step
};

}  // namespace

void plan_memory(Program& program, const Graph& graph, const Homes& homes, bool keep_all_values) {
  MemoryPlanner(program, graph, homes, keep_all_values).run();
}

}  // namespace mote::deploy
