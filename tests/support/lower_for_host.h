// A graph as a program of this machine's reference kernels.
#pragma once

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

}  // namespace mote::testing
