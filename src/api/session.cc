// <mote/session.h>: an interpreter with memory for its ports. Tested by session_test.cc.
#include <mote/session.h>

#include <fmt/format.h>

#include "interpret/interpreter.h"
#include "ir/program.h"

namespace mote {
namespace {

// The type and shape of a port over these bytes.
template <class Byte>
BasicTensorView<Byte> view_of(const Port& port, std::span<Byte> bytes) {
  return {name_of(port.type.dtype).data(), port.type.shape, bytes};
}

std::string text_of(std::string_view type, std::span<const int32_t> shape) {
  return std::string(type) + to_string(Shape(shape.begin(), shape.end()));
}

template <class Byte>
void check(const Port& port, const BasicTensorView<Byte>& view, const char* kind) {
  const TensorType& type = port.type;
  const auto where = [&] { return fmt::format("{} '{}'", kind, port.name); };
  if (view.type != name_of(type.dtype) || !std::ranges::equal(view.shape, type.shape) ||
      static_cast<int64_t>(view.data.size()) != byte_size(type))
    throw Error(ErrorKind::usage,
                fmt::format("{} of {} bytes is given, {} is taken", text_of(view.type, view.shape),
                            view.data.size(), text_of(name_of(type.dtype), type.shape)),
                where());
  if (reinterpret_cast<uintptr_t>(view.data.data()) % static_cast<size_t>(size_of(type.dtype)) != 0)
    throw Error(ErrorKind::usage, "its memory is not aligned as its type is", where());
}

template <class View>
void check_all(const std::vector<Port>& ports, std::span<const View> views, const char* kind) {
  if (views.size() != ports.size())
    throw Error(ErrorKind::usage, fmt::format("{} {}s are given, the model has {}", views.size(),
                                              kind, ports.size()));
  for (size_t i = 0; i < ports.size(); i++) check(ports[i], views[i], kind);
}

bool overlap(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return a.data() < b.data() + b.size() && b.data() < a.data() + a.size();
}

}  // namespace

struct Session::State {
  std::shared_ptr<const Program> program;
  interpret::Interpreter interpreter;
  std::vector<Bytes> memory;  // of each input, then of each output
  std::vector<TensorView> inputs;
  std::vector<ConstTensorView> outputs;
  // What the interpreter takes, filled anew for each run.
  std::vector<std::span<const uint8_t>> in;
  std::vector<std::span<uint8_t>> out;

  explicit State(std::shared_ptr<const Program> shared)
      : program(std::move(shared)),
        interpreter(*program),
        in(program->inputs.size()),
        out(program->outputs.size()) {
    for (const std::vector<Port>* ports : {&program->inputs, &program->outputs})
      for (const Port& port : *ports)
        memory.emplace_back(static_cast<size_t>(byte_size(port.type)));
    for (size_t i = 0; i < in.size(); i++)
      inputs.push_back(view_of(program->inputs[i], std::span(memory[i])));
    for (size_t i = 0; i < out.size(); i++)
      outputs.push_back(
          view_of(program->outputs[i], std::span<const uint8_t>(memory[in.size() + i])));
  }

  void check_overlaps() const {
    for (size_t o = 0; o < out.size(); o++) {
      bool shared = false;
      for (const std::span<const uint8_t> input : in) shared |= overlap(out[o], input);
      for (size_t other = 0; other < o; other++) shared |= overlap(out[o], out[other]);
      if (shared)
        throw Error(ErrorKind::usage, "its memory is another tensor's too",
                    fmt::format("output '{}'", program->outputs[o].name));
    }
  }
};

Session::Session(std::shared_ptr<const Program> program)
    : state_(std::make_unique<State>(std::move(program))) {}
Session::Session(const Session& other) : Session(other.state_->program) {}
Session::Session(Session&& other) noexcept = default;
Session::~Session() = default;

Session& Session::operator=(Session other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

std::span<const TensorView> Session::inputs() const {
  return state_->inputs;
}

std::span<const ConstTensorView> Session::outputs() const {
  return state_->outputs;
}

void Session::run() {
  State& state = *state_;
  const size_t inputs = state.in.size();
  for (size_t i = 0; i < inputs; i++) state.in[i] = state.memory[i];
  for (size_t i = 0; i < state.out.size(); i++) state.out[i] = state.memory[inputs + i];
  state.interpreter.run(state.in, state.out);
}

void Session::run(std::span<const ConstTensorView> inputs, std::span<const TensorView> outputs) {
  State& state = *state_;
  check_all(state.program->inputs, inputs, "input");
  check_all(state.program->outputs, outputs, "output");
  for (size_t i = 0; i < inputs.size(); i++) state.in[i] = inputs[i].data;
  for (size_t i = 0; i < outputs.size(); i++) state.out[i] = outputs[i].data;
  state.check_overlaps();
  state.interpreter.run(state.in, state.out);
}

}  // namespace mote
