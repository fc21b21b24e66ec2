// Golden outputs on disk, and one inference of a graph on the host's reference kernels.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/file.h"

namespace mote::testing {

// The folder that an environment variable names; empty where it is not set.
inline std::string folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

inline Program lower_for_host(const Graph& graph, mote_rounding rounding = MOTE_ROUNDING_DOUBLE,
                              bool keep_all_values = false) {
  return deploy::lower(graph, deploy::host_device(),
                       {.variants = deploy::Variants::reference,
                        .rounding = rounding,
                        .keep_all_values = keep_all_values});
}

}  // namespace mote::testing
