// The engines that run a Graph: `float` (libtorch), `reference` and `native` (this machine's
// kernels), `emulator:DEVICE` (the firmware in QEMU). The last three agree byte for byte. Tested by
// engine_test.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "runtime/arithmetic/requantize.h"

namespace mote {
struct Program;
}

namespace mote::evaluate {

struct EngineOptions {
  int32_t threads = 0;                            // 0: as many as the machine has cores
  mote_rounding rounding = MOTE_ROUNDING_DOUBLE;  // single: the reference engine only
};

// What the engines `reference` and `native` run. Throws Error{usage} for another name.
Program host_program(const std::string& engine, const Graph& graph,
                     mote_rounding rounding = MOTE_ROUNDING_DOUBLE);

class Engine {
 public:
  virtual ~Engine() = default;
  // `count` inferences: for each input of the graph the bytes of all samples one after another, for
  // each output likewise.
  virtual std::vector<Bytes> run(const std::vector<Bytes>& inputs, int32_t count) = 0;
};

// What evaluates unless told otherwise: as fast as can be, and byte for byte what firmware
// computes.
inline constexpr const char* kDefaultEngine = "native";

// Throws Error{usage} that lists the engines for an unknown name, Error{unsupported} where the
// engine cannot run the graph.
std::unique_ptr<Engine> make_engine(const std::string& name, const Graph& graph,
                                    const EngineOptions& options = {});

}  // namespace mote::evaluate
