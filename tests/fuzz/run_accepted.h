// What a reader accepts goes on as a user's model would: it is lowered, run, and run again once
// optimized, which must not change a byte. For the fuzz tests and the fuzzers, without gtest.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ops/op_def.h"
#include "passes/pipeline.h"

namespace mote::testing {

// Damage makes sizes at random, and what takes seconds is not worth them.
inline bool is_small(const Graph& graph) {
  constexpr int64_t kMostElements = 1 << 13;
  return std::ranges::all_of(graph.values, [](const Value& value) {
    return element_count(value.type.shape) <= kMostElements;
  });
}

inline std::vector<Bytes> seeded_inputs(const Program& program) {
  Random random(1, "accepted");
  std::vector<Bytes> inputs;
  for (const Port& port : program.inputs) {
    Bytes bytes(static_cast<size_t>(byte_size(port.type)));
    if (port.type.dtype == DType::float32) {
      std::vector<float> reals(bytes.size() / sizeof(float));
      for (float& real : reals) real = static_cast<float>(random.uniform(-4, 4));
      bytes = to_bytes(std::span<const float>(reals));
    } else {
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
    }
    inputs.push_back(std::move(bytes));
  }
  return inputs;
}

inline std::vector<Bytes> run_on_seeded_inputs(const Graph& graph) {
  const Program program = deploy::lower(graph, deploy::host_device());
  return interpret::run(program, seeded_inputs(program));
}

// Throws Error as `lower` does, and std::logic_error for what would be our fault.
inline void run_accepted(const Graph& graph) {
  if (!is_small(graph)) {
    deploy::lower(graph, deploy::host_device());
    return;
  }
  const std::vector<Bytes> outputs = run_on_seeded_inputs(graph);
  Graph optimized = graph;
  bool exact = true;
  try {
    for (const passes::PassReport& report : passes::optimize(optimized))
      exact = exact && (report.kind == passes::Kind::exact || !report.changed);
    if (run_on_seeded_inputs(optimized) == outputs || !exact) return;
  } catch (const Error& error) {
    throw std::logic_error(std::string("optimized, it fails: ") + error.what());
  }
  throw std::logic_error("optimized, it computes something else");
}

}  // namespace mote::testing
