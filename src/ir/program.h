// The Program: what `lower` makes of a Graph for one device. All decisions are taken: kernel,
// variant, storage, memory plan. The host runs it, `emit` prints it. See docs/ir.md. Tested by
// program_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/types.h"
#include "ir/value.h"
#include "runtime/operand.h"

namespace mote {

// ---- kernel parameters
// ----------------------------------------------------------------------------

enum class FieldType : uint8_t { int32, float32 };

struct ParamsField {
  std::string_view name;
  FieldType type;
  size_t offset_bytes;
};

// What a parameter struct of a kernel consists of, derived from its X-macro (ops/kernel.h).
struct ParamsType {
  std::string_view name;  // the C type, "mote_conv2d_s8_params"
  size_t size_bytes;
  std::vector<ParamsField> fields;
};

// A value of such a struct.
struct Params {
  const ParamsType* type = nullptr;
  Bytes bytes;

  bool operator==(const Params&) const = default;
};

// ---- calls
// ----------------------------------------------------------------------------------------

enum class Space : uint8_t {
  none,      // an optional operand that is absent: data is NULL
  arena,     // index: a buffer of the plan
  constant,  // index: one of Program::constants
  weights,   // index: one of Program::constants, passed as mote_weights
  input,     // index: one of Program::inputs, in the caller's memory
  output,    // index: one of Program::outputs, in the caller's memory
  unpacked,  // index: one of Program::constants, of which this is a part, once it is unpacked into
             // the arena (deploy/storage/channels.h): before each step of the call
};

struct Operand {
  Space space = Space::none;
  int32_t index = 0;
  int32_t offset_bytes = 0;  // in the arena, also where it is unpacked; 0 elsewhere
  int32_t row_stride_bytes = 0;
  int32_t image_rows = 0;  // the height of the tensor, as kernels see it
  TensorType type;
  // By row, where it lies in the arena; empty: evenly spaced from offset_bytes on. Batch 1 only.
  std::vector<int32_t> slots = {};

  bool operator==(const Operand&) const = default;
};

// A value of the graph that a step completes, and the operand that it lies in: for traces.
struct Completed {
  ValueId value = kNoValue;
  int32_t operand = 0;

  bool operator==(const Completed&) const = default;
};

struct Call {
  std::string kernel;   // "conv2d_s8", a row of ops/<op>/kernels.inc
  std::string variant;  // "reference"
  Params params;
  std::vector<Operand> operands;   // in the kernel's order
  int32_t scratch_bytes = 0;       // where not 0, the scratch is the last operand
  std::string origin;              // the node's name in the user's file
  ValueId node_output = kNoValue;  // what that node makes, by the last of its calls

  bool operator==(const Call&) const = default;
};

// Rows [row_begin, row_end) of a call's result. Steps are what time is counted in.
struct Step {
  int32_t call;
  int32_t row_begin;
  int32_t row_end;
  std::vector<Completed> completes = {};

  bool operator==(const Step&) const = default;
};

// How kernels see weights (runtime/operand.h); all zeros for other constants.
struct WeightLayout {
  int32_t outer = 0;
  int32_t channels = 0;
  int32_t inner = 0;
  int32_t run = 0;
  int32_t tile_channels = 0;
  int32_t tile_offset_bytes = 0;

  bool operator==(const WeightLayout&) const = default;
};

struct Constant {
  std::string name;
  TensorType type;                             // of the bytes as they are stored
  mote_storage storage = MOTE_STORAGE_DENSE8;  // of weights; elsewhere without meaning
  Bytes data;
  WeightLayout layout = {};
  int32_t mask_bytes = 0;  // of the data, in sparse storages: what says which weights are kept

  bool operator==(const Constant&) const = default;
};

struct Port {
  std::string name;
  TensorType type;
  int32_t buffer = -1;  // the buffer that the plan keeps for it in the arena

  bool operator==(const Port&) const = default;
};

// ---- memory
// ---------------------------------------------------------------------------------------

// A piece of the arena, in use from the start of step first_use to the end of step last_use.
struct Buffer {
  std::string name;
  int32_t size_bytes = 0;
  int32_t first_use = 0;
  int32_t last_use = 0;
  int32_t offset_bytes = 0;

  bool operator==(const Buffer&) const = default;
};

struct MemoryPlan {
  std::vector<Buffer> buffers;
  int32_t peak_bytes = 0;         // the arena's size
  int32_t lower_bound_bytes = 0;  // no plan of these buffers needs less
  bool optimal = true;            // proven: no plan has a lower peak, even where the bound is lower

  bool operator==(const MemoryPlan&) const = default;
};

// What a program takes of a device's memory, and what there is of it; 0: as much as one likes.
struct Budget {
  int64_t needed_bytes = 0;
  int64_t available_bytes = 0;

  int64_t lacking_bytes() const {
    return available_bytes == 0 || needed_bytes <= available_bytes ? 0
                                                                   : needed_bytes - available_bytes;
  }
  bool operator==(const Budget&) const = default;
};

struct Program {
  std::string name;
  std::string device;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  std::vector<Call> calls;
  std::vector<Step> schedule;
  std::vector<Constant> constants;
  MemoryPlan plan;
  Budget flash;  // of the constants: code comes on top
  Budget ram;    // of the arena: stack and variables come on top

  bool operator==(const Program&) const = default;
};

// The bytes of everything of the network that is linked: weights, biases, multipliers, shifts,
// tables.
int64_t constant_bytes(const Program& program);

}  // namespace mote
