// See cycles.h. Each instruction takes the cycles of its class, and each word that it moves one
// more.
#include "deploy/devices/cycles.h"

#include <algorithm>

namespace mote::deploy {
namespace {

using Cycles = Interval<int32_t>;

struct CyclesByClass {
#define MOTE_INSTRUCTION_CLASS(name) Cycles name{0, 0};
#include "deploy/emulate/instruction_classes.inc"
#undef MOTE_INSTRUCTION_CLASS
};

struct Core {
  std::string_view name;
  CyclesByClass cycles;
};

// From the instruction tables of Arm's Technical Reference Manuals, for memory without wait states.
constexpr Core kCores[] = {
    // Cortex-M0 (DDI 0432), table 3-1. LDM takes 1 + N cycles for N words and LDR 2; POP with the
    // PC
    // 4 + N; branches 3, BL 4. The multiplier is the fast one, of one cycle; it may have 32.
    {"cortex-m0",
     {.loads = {1, 1},
      .loads_paired = {1, 1},
      .stores = {1, 1},
      .branches_taken = {3, 4},
      .branches_not_taken = {1, 1},
      .multiply = {1, 1},
      .other = {1, 1}}},
    // Cortex-M0+ (DDI 0484), table 3-1: branches 2, BL 3; POP with the PC 3 + N. Else as above.
    {"cortex-m0plus",
     {.loads = {1, 1},
      .loads_paired = {1, 1},
      .stores = {1, 1},
      .branches_taken = {2, 3},
      .branches_not_taken = {1, 1},
      .multiply = {1, 1},
      .other = {1, 1}}},
    // Cortex-M4 (100166), sections 3.3 and 7.2. LDR takes 2 cycles, one fewer right behind another
    // whose result is not its address, one more behind the instruction that made its address; STR
    // one fewer, into the write buffer. A pipeline refill takes 1 to 3. A float result that the
    // next
    // instruction reads is there one cycle later; integer instructions run on during VDIV and
    // VSQRT. IT may be folded away.
    {"cortex-m4",
     {.loads = {1, 2},
      .loads_paired = {0, 1},
      .stores = {0, 2},
      .branches_taken = {2, 4},
      .branches_not_taken = {1, 1},
      .multiply = {1, 1},
      .multiply_long = {1, 1},
      .divide = {2, 12},
      .float_arithmetic = {1, 2},
      .float_multiply_accumulate = {3, 4},
      .float_divide = {1, 15},
      .float_other = {1, 2},
      .if_then = {0, 1},
      .other = {1, 1}}},
};

Interval<int64_t> cycles_of(const InstructionMix& mix, const CyclesByClass& cycles) {
  const int64_t words = mix.load_words + mix.store_words;
  Interval<int64_t> sum{words, words};
#define MOTE_INSTRUCTION_CLASS(name)                            \
  sum.least += mix[InstructionClass::name] * cycles.name.least; \
  sum.most += mix[InstructionClass::name] * cycles.name.most;
#include "deploy/emulate/instruction_classes.inc"
#undef MOTE_INSTRUCTION_CLASS
  return sum;
}

}  // namespace

std::optional<CycleModel> model_cycles(const InstructionMix& mix, const Device& device) {
  const auto core = std::ranges::find(kCores, device.core, &Core::name);
  if (core == std::end(kCores)) return {};
  CycleModel model{cycles_of(mix, core->cycles), {}, {}, device.energy_source};
  const auto times = [&](double factor) {
    return Interval<double>{static_cast<double>(model.cycles.least) * factor,
                            static_cast<double>(model.cycles.most) * factor};
  };
  if (device.clock_hz > 0) model.milliseconds = times(1e3 / static_cast<double>(device.clock_hz));
  if (device.picojoules_per_cycle) model.energy_uj = times(*device.picojoules_per_cycle * 1e-6);
  return model;
}

}  // namespace mote::deploy
