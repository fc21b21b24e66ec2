// Firmware held against the host: the same samples through the emulated device and through the
// reference kernels, every output byte compared. Tested by firmware_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "deploy/devices/cycles.h"
#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "deploy/emulate/emulate.h"
#include "deploy/storage/storage.h"
#include "ir/graph.h"
#include "ir/npy.h"

namespace mote::evaluate {

// What the firmware of a graph is printed with: ports as the graph has them, and a self-test on one
// seeded input whose outputs the reference kernels have computed. Throws Error{over_budget} where
// the activations exceed any device.
deploy::EmitOptions firmware_options(const Graph& graph, const std::string& name);

// What goes into one inference: the bytes of each input.
using Inputs = std::vector<Bytes>;

// The first `count` samples. Throws Error{usage} where there are none, and as encode does.
std::vector<Inputs> sample_inputs(const Graph& graph, const datasets::Split& data, int32_t count);
// Seeded numbers, for whatever inputs a model has: first those of the self-test that
// firmware_options makes, then more of their kind.
std::vector<Inputs> self_test_inputs(const Graph& graph, int32_t count);

struct FirmwareCheck {
  deploy::EmulationResult emulation;
  std::string ran_on;    // the device's name, or its stand-in's
  std::string emulator;  // which version of it: version_of
  int32_t samples = 0;
  bool outputs_equal = false;
  std::string first_difference;  // "sample 3, output 'y', byte 7: 12 on the device, 13 here"
  // By node of the graph; of nodes that are one call together, the first has it all.
  std::vector<deploy::InstructionMix> layers;
  std::optional<deploy::CycleModel> modelled;  // of one inference; nothing for an unknown core
};

// Runs the samples, at least one, on the emulated device, or on its stand-in, linked for that: what
// ran are the same instructions at other addresses. Throws as deploy::emulate does.
FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options,
                             const std::vector<Inputs>& samples);
// The same of the first so many samples of the data.
FirmwareCheck check_firmware(const Graph& graph, const deploy::Device& device,
                             const deploy::EmitOptions& options, const datasets::Split& data,
                             int32_t samples);

struct OverBudget {
  std::string reason;            // what lower, link or emulator said
  std::string held_by;           // the device's external memory that it ran from; empty: it did not
  int64_t flash_over_bytes = 0;  // beyond the device's flash; 0: that much fits
  int64_t ram_over_bytes = 0;    // arena and variables alone beyond its RAM. Both 0: the stack is
};

struct FirmwareFigures {
  deploy::FirmwareSize size;
  MemoryPlan plan;                            // of the arena
  std::vector<deploy::WeightsFacts> weights;  // how they are stored
  deploy::ConstantBytes constants;            // what size.constant_bytes are
  // The same by node of the graph; of nodes that are one call together, the first has it all.
  std::vector<deploy::ConstantBytes> layer_constants;
  std::optional<FirmwareCheck> check;  // where it ran
  std::string compiler;                // which version linked it: version_of; empty: none did
  std::string not_linked;  // why only the sizes of constants and arena are known; empty: all are
  std::optional<OverBudget> over_budget;  // where it does not fit; `size` is what it would take
};

// As far as the device allows: runs where it or a stand-in has an emulator, else links. That the
// firmware does not fit is a finding, `over_budget`; other errors are thrown as check_firmware
// does.
FirmwareFigures firmware_figures(const Graph& graph, const deploy::Device& device,
                                 const deploy::EmitOptions& options, const datasets::Split& data,
                                 int32_t samples);

// Writes the firmware of a graph into a directory and measures it; where there are `samples` also
// runs it, as check_firmware does. Without them it is written even where its compiler is missing,
// and `not_linked` says so. Throws as deploy::measure and check_firmware do.
FirmwareFigures deploy_firmware(const Graph& graph, const deploy::Device& device,
                                const deploy::EmitOptions& options, const std::string& directory,
                                const std::vector<Inputs>& samples = {});

}  // namespace mote::evaluate
