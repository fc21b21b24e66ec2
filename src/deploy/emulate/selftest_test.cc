// The self-test of emitted firmware on emulated devices: it passes, and finds one bit that flash
// has lost, even in a constant that the inference of the self-test does not show.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/file.h"
#include "base/process.h"
#include "base/resources.h"
#include "base/template.h"
#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"
#include "tests/support/emulator.h"
#include "tests/support/firmware_project.h"
#include "tests/support/small_graphs.h"
#include "tests/support/sparse_weights.h"
#include "tests/support/temp_path.h"

namespace mote::deploy {
namespace {

// Leaves the emulator with the self-tests' results: 0 where both are content, 1 and 2 added.
constexpr const char* kMain = R"(#include <stdint.h>
#include "model/net_selftest.h"
_Alignas(16) static uint8_t arena[8192];
int main(void) {
  const uintptr_t code = (uintptr_t)(net_selftest(arena) + 2 * net_selftest_constants());
  const uintptr_t leave[] = {0x20026, code};
  register int r0 __asm("r0") = 0x20;
  register const void *r1 __asm("r1") = leave;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return 0;
}
)";

class SelfTestOnDevice : public ::testing::Test {
 protected:
  void SetUp() override { MOTE_SKIP_WITHOUT_EMULATOR(); }

  void build(const FirmwareFiles& model, const Device& device) {
    FirmwareFiles files = {
        {"main.c", kMain},
        {"startup.c", std::string(resource("deploy/emulate/startup.c"))},
        {"firmware.ld", fill_template("deploy/emulate/firmware.ld.mustache", {})}};
    std::vector<std::string> arguments = {device.compiler, "-std=gnu11", "-ffreestanding",
                                          "-ffp-contract=off", "-ffunction-sections"};
    arguments.insert(arguments.end(), device.compiler_flags.begin(), device.compiler_flags.end());
    arguments.insert(arguments.end(),
                     {"-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections", "-Tfirmware.ld",
                      fmt::format("-Wl,--defsym=flash_origin={:#x}", device.flash_origin),
                      fmt::format("-Wl,--defsym=ram_origin={:#x}", device.ram_origin),
                      fmt::format("-Wl,--defsym=stack_top={:#x}",
                                  device.ram_origin + static_cast<uint64_t>(device.ram_bytes)),
                      "main.c", "startup.c", "-o", "test.elf"});
    for (const auto& [path, text] : model) {
      files["model/" + path] = text;
      if (path.ends_with(".c") && path != "example_main.c") arguments.push_back("model/" + path);
    }
    write_firmware(folder_, files);
    const ProcessResult result = run_process(arguments, {folder_});
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  int run(const Device& device) {
    return run_process({device.emulator, "-M", device.emulator_machine, "-display", "none",
                        "-serial", "none", "-monitor", "none", "-semihosting-config",
                        "enable=on,target=native", "-kernel", "test.elf"},
                       {folder_, std::chrono::seconds(60)})
        .exit_code;
  }

  // Flips a bit of the linked constant.
  void damage(const Bytes& constant, size_t byte) {
    const std::string path = folder_ + "/test.elf";
    Bytes elf = read_file(path);
    const auto at = std::search(elf.begin(), elf.end(), constant.begin(), constant.end());
    ASSERT_NE(at, elf.end());
    at[static_cast<std::ptrdiff_t>(byte)] ^= 0x10;
    write_file(path, elf);
  }

  const std::string folder_ = temp_path("selftest");
};

TEST_F(SelfTestOnDevice, FindsOneBitThatFlashHasLost) {
  const Graph graph = testing::with_sparse_weights(testing::small_graph(DType::int8, 3),
                                                   {testing::SparsePattern::unstructured, 0.5});
  const Program program = lower(graph, load_device("mps2-an386"));
  const auto largest = std::ranges::max_element(
      program.constants, {}, [](const Constant& constant) { return constant.data.size(); });
  for (const char* name : {"mps2-an386", "microbit"}) {
    SCOPED_TRACE(name);
    const Device device = load_device(name);
    build(testing::firmware_project("net", graph, 1), device);
    if (HasFatalFailure()) return;
    EXPECT_EQ(run(device), 0);
    damage(largest->data, largest->data.size() / 2);
    EXPECT_GE(run(device), 2);
  }
}

}  // namespace
}  // namespace mote::deploy
