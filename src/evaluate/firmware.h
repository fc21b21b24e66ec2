// Firmware held against the host: the same samples through the emulated device and through the
// reference kernels, every output byte compared. Tested by firmware_test.cc.
#pragma once

#include <string>

#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "deploy/emulate/emulate.h"
#include "ir/graph.h"
#include "ir/npy.h"

namespace mote::evaluate {

// What the firmware of a graph is printed with: ports as the graph has them, and a self-test on one
// seeded input whose outputs the reference kernels have computed.
deploy::EmitOptions firmware_options(const Graph& graph, const std::string& name);

struct FirmwareCheck {
  deploy::EmulationResult emulation;
  int32_t samples = 0;
  bool outputs_equal = false;
  std::string first_difference;  // "sample 3, output 'y', byte 7: 12 on the device, 13 here"
};

// Runs the first `samples` images on the emulated device. Throws as deploy::emulate and encode do.
FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options, const Array& images,
                             int32_t samples);

}  // namespace mote::evaluate
