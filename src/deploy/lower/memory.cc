#include "deploy/lower/memory.h"

#include <algorithm>

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
        producers_(producers(graph)),
        life_(homes.root.size()),
        buffer_(homes.root.size(), -1),
        port_(homes.root.size()) {}

  void run() {
    find_ports();
    find_lives();
    complete_values();
    make_buffers();
    add_scratch();
    solve();
    for (Call& call : program_.calls)
      for (Operand& operand : call.operands)
        if (operand.space == Space::arena) place(operand);
    place_scratch();
  }

 private:
  size_t root(ValueId id) const {
    return static_cast<size_t>(homes_.root[static_cast<size_t>(id)]);
  }
  const Value& value_of(size_t root) const {
    const size_t values = graph_.values.size();
    return root < values ? graph_.values[root] : homes_.intermediates[root - values];
  }
  int32_t last_step() const { return std::max(steps() - 1, 0); }
  int32_t steps() const { return static_cast<int32_t>(program_.schedule.size()); }
  size_t call_of(int32_t step) const {
    return static_cast<size_t>(program_.schedule[static_cast<size_t>(step)].call);
  }
  const std::vector<Operand>& operands_of(int32_t step) const {
    return program_.calls[call_of(step)].operands;
  }

  void find_ports() {
    for (size_t i = 0; i < graph_.inputs.size(); i++)
      port_[root(graph_.inputs[i])] = {Space::input, static_cast<int32_t>(i)};
    for (size_t i = 0; i < graph_.outputs.size(); i++)
      port_[root(graph_.outputs[i])] = {Space::output, static_cast<int32_t>(i)};
  }

  void find_lives() {
    for (ValueId id : graph_.inputs) life_[root(id)].extend(0);
    for (int32_t step = 0; step < steps(); step++)
      for (const Operand& operand : operands_of(step))
        if (operand.space == Space::arena) life_[root(operand.index)].extend(step);
    for (ValueId id : graph_.outputs) life_[root(id)].extend(last_step());
    if (!keep_all_values_) return;
    for (Life& life : life_)
      if (life.first_use >= 0) life.last_use = last_step();
  }

  // The last step of each call ends its result, and the values that are the same bytes.
  void complete_values() {
    std::vector<std::vector<ValueId>> same_bytes(homes_.root.size());  // by root
    for (size_t value = 0; value < graph_.values.size(); value++)
      same_bytes[root(static_cast<ValueId>(value))].push_back(static_cast<ValueId>(value));
    std::vector<bool> ended(program_.calls.size());
    for (auto step = program_.schedule.rbegin(); step != program_.schedule.rend(); ++step) {
      const auto call = static_cast<size_t>(step->call);
      const std::vector<Operand>& operands = program_.calls[call].operands;
      const auto result = static_cast<int32_t>(operands.size()) - 1;
      if (ended[call] || operands.back().space != Space::arena) continue;
      ended[call] = true;
      for (const ValueId value : same_bytes[static_cast<size_t>(operands.back().index)])
        step->completes.push_back({value, result});
    }
  }

  int32_t new_buffer(const Value& value, Life life) {
    const int64_t size_bytes = byte_size(value.type);
    if (size_bytes > INT32_MAX)
      throw Error(ErrorKind::unsupported, fmt::format("a tensor of {} bytes", size_bytes),
                  fmt::format("value '{}'", value.name),
                  fmt::format("{} bytes are the most", INT32_MAX));
    return new_buffer(value.name, static_cast<int32_t>(size_bytes), life);
  }
  int32_t new_buffer(std::string name, int32_t size_bytes, Life life) {
    program_.plan.buffers.push_back(
        {std::move(name), size_bytes, life.first_use, life.last_use, 0});
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
    for (int32_t step = 0; step < steps(); step++)
      for (const Operand& operand : operands_of(step)) {
        if (operand.space != Space::arena || buffer_[root(operand.index)] >= 0) continue;
        const size_t value = root(operand.index);
        const int32_t taken = taken_over(operands_of(step), value, step);
        buffer_[value] = taken >= 0 ? taken : new_buffer(value_of(value), life_[value]);
      }
  }

  bool pinned(size_t value) const { return homes_.pinned[value]; }

  // The buffer of an input that dies at this step and whose memory the result may take, or -1.
  int32_t taken_over(const std::vector<Operand>& operands, size_t value, int32_t step) {
    if (keep_all_values_ || pinned(value) || life_[value].first_use != step) return -1;
    if (value >= producers_.size() || producers_[value] < 0) return -1;
    const Node& node = graph_.nodes[static_cast<size_t>(producers_[value])];
    for (int32_t index : op_def(node.op).in_place_inputs) {
      const ValueId input = node.inputs.at(static_cast<size_t>(index));
      if (input == kNoValue || graph_.value(input).constant() || pinned(root(input))) continue;
      const size_t source = root(input);
      const bool dies = life_[source].last_use == step && reads(operands, source);
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

  bool reads(const std::vector<Operand>& operands, size_t value) const {
    return std::ranges::any_of(operands, [&](const Operand& operand) {
      return operand.space == Space::arena && root(operand.index) == value;
    });
  }

  // One place for all steps of a call, from its first to its last.
  void add_scratch() {
    std::vector<Life> lives(program_.calls.size());
    for (int32_t step = 0; step < steps(); step++) lives[call_of(step)].extend(step);
    for (size_t i = 0; i < program_.calls.size(); i++) {
      const Call& call = program_.calls[i];
      scratch_.push_back(call.scratch_bytes == 0
                             ? -1
                             : new_buffer(call.origin + " scratch", call.scratch_bytes, lives[i]));
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
    operand.space = port_[value].space;
    operand.index = operand.space == Space::arena ? buffer_[value] : port_[value].index;
    if (operand.space == Space::arena)
      operand.offset_bytes = program_.plan.buffers[static_cast<size_t>(operand.index)].offset_bytes;
  }

  void place_scratch() {
    for (size_t i = 0; i < program_.calls.size(); i++) {
      if (scratch_[i] < 0) continue;
      Call& call = program_.calls[i];
      const Buffer& buffer = program_.plan.buffers[static_cast<size_t>(scratch_[i])];
      call.operands.push_back({Space::arena,
                               scratch_[i],
                               buffer.offset_bytes,
                               0,
                               0,
                               {DType::int8, {call.scratch_bytes}, {}}});
    }
  }

  struct Place {
    Space space = Space::arena;
    int32_t index = 0;
  };

  Program& program_;
  const Graph& graph_;
  const Homes& homes_;
  const bool keep_all_values_;
  const std::vector<int32_t> producers_;  // by value of the graph: its node, or -1
  std::vector<Life> life_;                // by root
  std::vector<int32_t> buffer_;           // by root
  std::vector<Place> port_;               // by root, where it is a port
  std::vector<int32_t> scratch_;          // by call: its buffer, or -1
};

}  // namespace

void plan_memory(Program& program, const Graph& graph, const Homes& homes, bool keep_all_values) {
  MemoryPlanner(program, graph, homes, keep_all_values).run();
}

}  // namespace mote::deploy
