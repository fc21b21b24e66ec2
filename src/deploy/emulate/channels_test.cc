// Packed constants of channels on emulated devices: the host's bytes, less flash, the same arena,
// and hardly more instructions.
#include <gtest/gtest.h>

#include <algorithm>

#include "deploy/devices/device.h"
#include "deploy/emulate/emulate.h"
#include "deploy/lower/lower.h"
#include "deploy/storage/channels.h"
#include "interpret/interpreter.h"
#include "tests/support/channel_network.h"
#include "tests/support/emulator.h"
#include "tests/support/small_graphs.h"
#include "tests/support/sparse_weights.h"

namespace mote::deploy {
namespace {

class PackedChannelsFirmware : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { MOTE_SKIP_WITHOUT_EMULATOR(); }

  // Of firmware for the device, the host's bytes compared.
  static EmulationResult run(const Program& program, const Graph& graph, const Device& device) {
    const Program reference = lower(graph, host_device(), {.variants = Variants::reference});
    std::vector<std::vector<Bytes>> samples;
    for (const uint64_t seed : {1, 2}) samples.push_back(testing::random_inputs(reference, seed));
    EmulationResult result = emulate(program, device, {}, samples);
    for (size_t i = 0; i < samples.size(); i++)
      EXPECT_EQ(result.outputs.at(i), interpret::run(reference, samples[i]));
    return result;
  }

  static int64_t unpacked_channels_of(const Program& program) {
    int64_t channels = 0;
    for (const Call& call : program.calls)
      if (const auto unpacking = unpacking_of(call)) channels += unpacking->channels;
    return channels;
  }

  static int64_t unpacking_calls(const Program& program) {
    return std::ranges::count_if(program.calls,
                                 [](const Call& call) { return unpacking_of(call).has_value(); });
  }
};

TEST_P(PackedChannelsFirmware, IsSmallerAndTakesFewInstructions) {
  for (const auto& [activations, bias] :
       {std::pair(DType::int8, DType::int32), std::pair(DType::int16, DType::int32),
        std::pair(DType::int16, DType::int64)}) {
    SCOPED_TRACE(::testing::Message() << name_of(activations) << " " << name_of(bias));
    const Graph graph = testing::channel_network(activations, bias, 24, 1);
    Device device = load_device(GetParam());
    const Program packed = lower(graph, device);
    EXPECT_EQ(unpacking_calls(packed), 4);
    device.packs_weights = false;
    const Program plain = lower(graph, device);
    EXPECT_EQ(unpacking_calls(plain), 0);
    const EmulationResult small = run(packed, graph, device), large = run(plain, graph, device);
    EXPECT_LT(small.size.flash_bytes, large.size.flash_bytes);
    EXPECT_EQ(small.size.arena_bytes, large.size.arena_bytes);
    EXPECT_LE(small.stack_bytes, large.stack_bytes + 16);  // of registers that are kept over a call
    EXPECT_EQ(small.steps.size(), large.steps.size());
    EXPECT_LT(small.instructions, large.instructions + 200 * unpacked_channels_of(packed));
  }
}

// Whatever reads them: kernels that skip zeros, those of the DSP extension where there is one, and
// the portable ones.
TEST_P(PackedChannelsFirmware, GivesTheBytesOfEveryVariant) {
  const Graph dense = testing::channel_network(DType::int8, DType::int32, 64, 2);
  const Graph sparse =
      testing::with_sparse_weights(dense, {testing::SparsePattern::unstructured, 0.8});
  Device device = load_device(GetParam());
  Device portable = device;
  portable.isa = {"any"};
  for (const Graph& graph : {dense, sparse})
    for (const Device& each : {device, portable}) {
      const Program packed = lower(graph, each);
      EXPECT_GE(unpacking_calls(packed), 4);
      run(packed, graph, each);
      if (device.isa == portable.isa) break;
    }
}

INSTANTIATE_TEST_SUITE_P(, PackedChannelsFirmware, ::testing::Values("mps2-an386", "microbit"),
                         [](const auto& info) {
                           return std::string(info.param) == "microbit" ? "M0" : "M4";
                         });

}  // namespace
}  // namespace mote::deploy
