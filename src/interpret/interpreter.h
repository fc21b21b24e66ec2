// Runs Programs on the host: the engines `reference` and `native`. Tested by interpreter_test.cc.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ir/program.h"

namespace mote::interpret {

// Sees each result when it is whole: the call that ends it, the value of the graph, its bytes.
using Trace = std::function<void(const Call& call, ValueId value, std::span<const uint8_t> bytes)>;

// An arena and the resolved operands of one program, which must outlive it. One thread at a time.
class Interpreter {
 public:
  explicit Interpreter(const Program& program);
  ~Interpreter();
  Interpreter(Interpreter&&) noexcept;

  // One inference. Sizes are those of the ports' types; Error{usage} otherwise.
  void run(std::span<const std::span<const uint8_t>> inputs,
           std::span<const std::span<uint8_t>> outputs, const Trace& trace = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// One inference with fresh outputs: for tests and single runs.
std::vector<Bytes> run(const Program& program, std::span<const Bytes> inputs,
                       const Trace& trace = {});

}  // namespace mote::interpret
