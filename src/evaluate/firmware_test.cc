#include "evaluate/firmware.h"

#include <gtest/gtest.h>

#include "compress/compress.h"
#include "deploy/lower/lower.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "ir/error.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

const datasets::Dataset& glyphs() {
  static const datasets::Dataset data = datasets::load("glyphs");
  return data;
}

Graph network(const std::string& recipe, const std::string& name = "zoo:custom?width=0.3") {
  const Graph graph = zoo::build(name, {.input = {28, 28, 1}, .classes = 10});
  return compress::compress(graph, compress::load_recipe(recipe), glyphs().train);
}

// The device, or a skip where this machine has no cross compiler or emulator.
#define LOAD_OR_SKIP(device, graph, name)                                                \
  const deploy::Device device = deploy::load_device(name);                               \
  try {                                                                                  \
    deploy::measure(deploy::lower(graph, device), device, firmware_options(graph, "m")); \
  } catch (const Error& error) {                                                         \
    if (error.kind == ErrorKind::unsupported) GTEST_SKIP() << error.what();              \
    throw;                                                                               \
  }

TEST(Firmware, IsByteEqualWithTheHostOnBothBoards) {
  const Graph graph = network("int8");
  for (const char* name : {"mps2-an386", "microbit"}) {
    LOAD_OR_SKIP(device, graph, name);
    const FirmwareCheck check =
        check_firmware(graph, device, firmware_options(graph, "digits"), glyphs().test.images, 6);
    EXPECT_TRUE(check.outputs_equal) << name << ": " << check.first_difference;
    EXPECT_EQ(check.samples, 6);
    EXPECT_GT(check.emulation.instructions, 100000);
    EXPECT_LT(check.emulation.ram_bytes, 16 * 1024);
  }
}

TEST(Firmware, OfDynamicRangeIsByteEqualWithTheHostToo) {
  const Graph graph = network("dynamic_range", "zoo:custom");  // most layers have 1,024 weights
  for (const char* name : {"mps2-an386", "mps2-an383"}) {
    LOAD_OR_SKIP(device, graph, name);
    const FirmwareCheck check =
        check_firmware(graph, device, firmware_options(graph, "digits"), glyphs().test.images, 3);
    EXPECT_TRUE(check.outputs_equal) << name << ": " << check.first_difference;
    EXPECT_LT(check.emulation.size.constant_bytes,
              constant_bytes(deploy::lower(network("float32", "zoo:custom"), device)) / 3);
  }
}

TEST(Firmware, TheEmulatorIsAnEngine) {
  const Graph graph = network("int8");
  LOAD_OR_SKIP(device, graph, "mps2-an386");
  const std::vector<Bytes> inputs = {encode(graph, glyphs().test.images, 0, 3)};
  EXPECT_EQ(make_engine("emulator:mps2-an386", graph)->run(inputs, 3),
            make_engine("reference", graph)->run(inputs, 3));
}

TEST(Firmware, AModelTooLargeSaysByHowMuch) {
  const Graph graph = network("int8");
  LOAD_OR_SKIP(board, graph, "microbit");
  deploy::Device small = board;
  small.flash_bytes = 8 * 1024;
  try {
    check_firmware(graph, small, firmware_options(graph, "digits"), glyphs().test.images, 1);
    FAIL() << "fits 8 KB";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::over_budget) << error.what();
  }
}

}  // namespace
}  // namespace mote::evaluate
