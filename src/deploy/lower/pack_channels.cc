#include "deploy/lower/pack_channels.h"

#include <algorithm>
#include <functional>

#include "deploy/plan/plan.h"
#include "runtime/weighted.h"

namespace mote::deploy {
namespace {

// Of code, on a Cortex-M0, where both are a little more than on an M4: to unpack, and to call that.
constexpr int64_t kUnpackerBytes = 300;
constexpr int64_t kUnpackingBytes = 12;
constexpr int32_t kUnpackedAlignmentBytes = 16;

// Instructions, between those that a Cortex-M0 and an M4 take: to unpack a channel, for each use of
// a weight, and for each output; and how much of all layers' unpacking may take.
constexpr int64_t kUnpacking = 100;
constexpr int64_t kUse = 8;
constexpr int64_t kOutput = 20;
constexpr int64_t kUnpackingShare = 32;

bool is_constant(const Operand& operand) {
  return operand.space == Space::constant || operand.space == Space::weights ||
         operand.space == Space::unpacked;
}

// By constant, how often calls read it.
std::vector<int32_t> readers_of_constants(const Program& program) {
  std::vector<int32_t> readers(program.constants.size());
  for (const Call& call : program.calls)
    for (const Operand& operand : call.operands)
      if (is_constant(operand)) readers[static_cast<size_t>(operand.index)]++;
  return readers;
}

// The operands that are constants of the channels, in the order in which they are unpacked.
template <class Visit>
void each_of_channels(Call& call, const Visit& visit) {
  for (const size_t place : {MOTE_BIAS, MOTE_INTEGER_MULTIPLIER, MOTE_INTEGER_SHIFT})
    if (call.operands[place].space == Space::constant) visit(call.operands[place]);
}

// What a call would unpack, as long as it runs.
Buffer buffer_of(Program& program, size_t index) {
  Call& call = program.calls[index];
  Buffer buffer{call.origin + " channels", 0, -1, -1, 0};
  each_of_channels(call, [&](const Operand& operand) {
    buffer.size_bytes += static_cast<int32_t>(byte_size(operand.type));
  });
  for (int32_t step = 0; step < std::ssize(program.schedule); step++) {
    if (program.schedule[static_cast<size_t>(step)].call != static_cast<int32_t>(index)) continue;
    if (buffer.first_use < 0) buffer.first_use = step;
    buffer.last_use = step;
  }
  return buffer;
}

// Finds a place where nothing lies in that time, below the peak; false where there is none.
bool place(Buffer& buffer, const MemoryPlan& plan) {
  std::vector<const Buffer*> live;
  for (const Buffer& other : plan.buffers)
    if (other.first_use <= buffer.last_use && buffer.first_use <= other.last_use)
      live.push_back(&other);
  std::ranges::sort(live, {}, &Buffer::offset_bytes);
  int64_t end = 0;  // of those before
  for (const Buffer* other : live) {
    if (other->offset_bytes - end >= buffer.size_bytes) break;
    const int64_t units =
        (int64_t{other->offset_bytes} + other->size_bytes - 1) / kUnpackedAlignmentBytes + 1;
    end = std::max(end, units * kUnpackedAlignmentBytes);
  }
  if (end + buffer.size_bytes > plan.peak_bytes) return false;
  buffer.offset_bytes = static_cast<int32_t>(end);
  return true;
}

void take(Program& program, PackedChannels& packed, const Buffer& buffer) {
  const auto index = static_cast<int32_t>(program.constants.size());
  int32_t offset_bytes = buffer.offset_bytes;
  each_of_channels(program.calls[packed.call], [&](Operand& operand) {
    operand.space = Space::unpacked;
    operand.index = index;
    operand.offset_bytes = offset_bytes;
    offset_bytes += static_cast<int32_t>(byte_size(operand.type));
  });
  program.constants.push_back(std::move(packed.constant));
  program.plan.buffers.push_back(buffer);
}

// Leaves those that calls read, in the order in which they do.
void drop_unread_constants(Program& program) {
  std::vector<int32_t> places(program.constants.size(), -1);
  std::vector<Constant> read;
  for (Call& call : program.calls)
    for (Operand& operand : call.operands) {
      if (!is_constant(operand)) continue;
      const auto index = static_cast<size_t>(operand.index);
      if (places[index] < 0) {
        places[index] = static_cast<int32_t>(read.size());
        read.push_back(std::move(program.constants[index]));
      }
      operand.index = places[index];
    }
  program.constants = std::move(read);
}

void validate_plan(const MemoryPlan& plan) {
  PlanProblem problem{{}, kUnpackedAlignmentBytes};
  PlanSolution solution{{}, plan.peak_bytes, plan.lower_bound_bytes};
  for (const Buffer& buffer : plan.buffers) {
    problem.buffers.push_back({buffer.size_bytes, buffer.first_use, buffer.last_use});
    solution.offset_bytes.push_back(buffer.offset_bytes);
  }
  validate(problem, solution);
}

// What layers without the constants of their channels take less, by those that nobody else reads.
int64_t saved_bytes(Program& program, const PackedChannels& packed,
                    const std::vector<int32_t>& readers) {
  int64_t saved = -std::ssize(packed.constant.data) - kUnpackingBytes;
  each_of_channels(program.calls[packed.call], [&](const Operand& operand) {
    const auto index = static_cast<size_t>(operand.index);
    if (readers[index] == 1) saved += std::ssize(program.constants[index].data);
  });
  return saved;
}

int64_t channels_of_call(const Call& call) {
  return element_count(call.operands[MOTE_INTEGER_SHIFT].type.shape);
}

}  // namespace

int64_t layer_instructions(const Call& call, const std::vector<Constant>& constants) {
  const Constant& weights = constants.at(static_cast<size_t>(call.operands.at(MOTE_WEIGHTS).index));
  const int64_t outputs = element_count(call.operands.at(MOTE_INTEGER_OUTPUT).type.shape);
  const int64_t kept = std::ssize(weights.data) - std::ranges::count(weights.data, 0);
  return outputs / weights.layout.channels * kept * kUse + outputs * kOutput;
}

void pack_channels(Program& program, std::vector<PackedChannels> packed) {
  const std::vector<int32_t> readers = readers_of_constants(program);
  Program result = program;
  int64_t instructions = 0;  // that are left for unpacking
  for (const PackedChannels& channels : packed)
    instructions += channels.layer_instructions / kUnpackingShare;
  std::ranges::stable_sort(packed, std::greater(), [&](const PackedChannels& channels) {
    return static_cast<double>(saved_bytes(program, channels, readers)) /
           static_cast<double>(channels_of_call(program.calls[channels.call]));
  });
  int64_t all_saved = -kUnpackerBytes;
  for (PackedChannels& channels : packed) {
    const int64_t saved = saved_bytes(program, channels, readers);
    const int64_t added = channels_of_call(program.calls[channels.call]) * kUnpacking;
    Buffer buffer = buffer_of(result, channels.call);
    if (saved <= 0 || added > instructions || !place(buffer, result.plan)) continue;
    take(result, channels, buffer);
    all_saved += saved;
    instructions -= added;
  }
  if (all_saved <= 0) return;
  drop_unread_constants(result);
  validate_plan(result.plan);
  program = std::move(result);
}

}  // namespace mote::deploy
