// What an inference takes on a device's core, modelled from the instructions that were counted, as
// an interval. Memory without wait states is assumed. Tested by cycles_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "deploy/devices/device.h"
#include "deploy/emulate/instruction_mix.h"

namespace mote::deploy {

template <class T>
struct Interval {
  T least;
  T most;
};

struct CycleModel {
  Interval<int64_t> cycles;                      // modelled
  std::optional<Interval<double>> milliseconds;  // modelled, where the device states its clock
  std::optional<Interval<double>> energy_uj;     // estimated, where it states picojoules per cycle
  std::string energy_source;
};

// Nothing for a core whose cycles are not known here.
std::optional<CycleModel> model_cycles(const InstructionMix& mix, const Device& device);

}  // namespace mote::deploy
