// A graph as a program of this machine's reference kernels; and this machine as one that has less.
#pragma once

#include <vector>

#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"

namespace mote::testing {

inline Program lower_for_host(const Graph& graph, mote_rounding rounding = MOTE_ROUNDING_DOUBLE,
                              bool keep_all_values = false) {
  return deploy::lower(graph, deploy::host_device(),
                       {.variants = deploy::Variants::reference,
                        .rounding = rounding,
                        .keep_all_values = keep_all_values});
}

// This machine, and as it would be without its last sets of instructions: the first has all of
// them, the last none.
inline std::vector<deploy::Device> host_devices() {
  std::vector<deploy::Device> devices = {deploy::host_device()};
  while (devices.back().isa.size() > 1) {
    devices.push_back(devices.back());
    devices.back().isa.pop_back();
  }
  return devices;
}

}  // namespace mote::testing
