// See interpreter.h. Operands are resolved once, when the interpreter is made; only the ports'
// pointers change from run to run.
#include "interpret/interpreter.h"

#include <cstring>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "deploy/storage/channels.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"
#include "runtime/unpack_channels.h"

namespace mote::interpret {
namespace {

struct AlignedDelete {
  void operator()(uint8_t* memory) const { ::operator delete (memory, std::align_val_t{16}); }
};
using Arena = std::unique_ptr<uint8_t[], AlignedDelete>;

Arena allocate(size_t bytes) {
  auto* memory = static_cast<uint8_t*>(::operator new (bytes, std::align_val_t{16}));
  std::memset(memory, 0xA5, bytes);  // whoever reads what nothing wrote shall be found out
  return Arena(memory);
}

struct ResolvedCall {
  const Call* call;
  void (*run)(const void*, const mote_operand*, int32_t, int32_t);
  std::optional<deploy::Unpacking> unpacking;
  std::vector<mote_operand> operands;
};

// An operand that lies in the caller's memory: patched before each run.
struct PortUse {
  size_t call;
  size_t operand;
  Space space;
  size_t port;
};

// The whole of a tensor; where its rows lie apart, they are brought together in `gathered`.
std::span<const uint8_t> contents(const Operand& operand, const mote_operand& resolved,
                                  Bytes& gathered) {
  const auto size = static_cast<size_t>(byte_size(operand.type));
  if (operand.slots.empty()) return {static_cast<const uint8_t*>(resolved.constant), size};
  const size_t row_bytes = size / operand.slots.size();
  for (int32_t row = 0; row < std::ssize(operand.slots); row++) {
    const auto* bytes = static_cast<const uint8_t*>(mote_const_row(&resolved, 0, row));
    gathered.insert(gathered.end(), bytes, bytes + row_bytes);
  }
  return gathered;
}

template <class Span>
void check_ports(const std::vector<Port>& ports, std::span<const Span> spans, const char* kind) {
  if (ports.size() != spans.size())
    throw Error(ErrorKind::usage,
                fmt::format("{} {}s given, the model has {}", spans.size(), kind, ports.size()));
  for (size_t i = 0; i < ports.size(); i++)
    if (static_cast<int64_t>(spans[i].size()) != byte_size(ports[i].type))
      throw Error(ErrorKind::usage,
                  fmt::format("{} bytes for {}", spans[i].size(), to_string(ports[i].type)),
                  fmt::format("{} '{}'", kind, ports[i].name));
}

}  // namespace

struct Interpreter::State {
  const Program& program;
  Arena arena;
  std::vector<mote_weights> weights;  // by constant
  std::deque<mote_slots> slots;       // of the operands that have them
  std::vector<ResolvedCall> calls;
  std::vector<PortUse> ports;

  explicit State(const Program& program)
      : program(program), arena(allocate(static_cast<size_t>(program.plan.peak_bytes))) {
    for (const Constant& constant : program.constants)
      weights.push_back(deploy::stored_weights(constant));
    for (const Call& call : program.calls) {
      calls.push_back(
          {&call, find_kernel(call.kernel, call.variant).run, deploy::unpacking_of(call), {}});
      for (size_t o = 0; o < call.operands.size(); o++)
        calls.back().operands.push_back(resolve(call.operands[o], calls.size() - 1, o));
    }
  }

  mote_operand resolve(const Operand& operand, size_t call, size_t position) {
    mote_operand resolved{};
    resolved.row_stride_bytes = operand.row_stride_bytes;
    resolved.image_rows = operand.slots.empty() ? operand.image_rows : 0;
    const auto index = static_cast<size_t>(operand.index);
    switch (operand.space) {
      case Space::none:
        break;
      case Space::arena:
        if (operand.slots.empty()) {
          resolved.data = arena.get() + operand.offset_bytes;
        } else {
          slots.push_back({arena.get(), operand.slots.data()});
          resolved.slots = &slots.back();
        }
        break;
      case Space::constant:
        resolved.constant = program.constants[index].data.data();
        break;
      case Space::weights:
        resolved.weights = &weights[index];
        break;
      case Space::unpacked:
        resolved.constant = arena.get() + operand.offset_bytes;
        break;
      case Space::input:
      case Space::output:
        ports.push_back({call, position, operand.space, index});
        break;
    }
    return resolved;
  }

  void unpack(const deploy::Unpacking& unpacking) const {
    const Constant& packed = program.constants[static_cast<size_t>(unpacking.constant)];
    mote_unpack_channels(packed.data.data(), unpacking.channels,
                         arena.get() + unpacking.offset_bytes);
  }
};

Interpreter::Interpreter(const Program& program) : state_(std::make_unique<State>(program)) {}
Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter&&) noexcept = default;

void Interpreter::run(std::span<const std::span<const uint8_t>> inputs,
                      std::span<const std::span<uint8_t>> outputs, const Trace& trace) {
  State& state = *state_;
  check_ports(state.program.inputs, inputs, "input");
  check_ports(state.program.outputs, outputs, "output");
  for (const PortUse& use : state.ports) {
    mote_operand& operand = state.calls[use.call].operands[use.operand];
    if (use.space == Space::input)
      operand.constant = inputs[use.port].data();
    else
      operand.data = outputs[use.port].data();
  }
  for (const Step& step : state.program.schedule) {
    const ResolvedCall& resolved = state.calls[static_cast<size_t>(step.call)];
    if (resolved.unpacking) state.unpack(*resolved.unpacking);
    resolved.run(resolved.call->params.bytes.data(), resolved.operands.data(), step.row_begin,
                 step.row_end);
    if (!trace) continue;
    for (const Completed& completed : step.completes) {
      const auto operand = static_cast<size_t>(completed.operand);
      Bytes gathered;
      trace(*resolved.call, completed.value,
            contents(resolved.call->operands[operand], resolved.operands[operand], gathered));
    }
  }
}

std::vector<Bytes> run(const Program& program, std::span<const Bytes> inputs, const Trace& trace) {
  Interpreter interpreter(program);
  std::vector<std::span<const uint8_t>> in(inputs.begin(), inputs.end());
  std::vector<Bytes> results;
  for (const Port& port : program.outputs)
    results.emplace_back(static_cast<size_t>(byte_size(port.type)));
  std::vector<std::span<uint8_t>> out(results.begin(), results.end());
  interpreter.run(in, out, trace);
  return results;
}

}  // namespace mote::interpret
