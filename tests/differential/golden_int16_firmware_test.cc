// A sample of the conformance suite's int16 cases as firmware, in the emulator: TFLM's integers.
// The host runs all of them (golden_ops_test.cc).
#include <gtest/gtest.h>

#include "deploy/emulate/emulate.h"
#include "deploy/emulate/process.h"
#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "ir/error.h"
#include "ir/file.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

struct Case {
  const char* name;
  const char* device;
};

// Biases of 64 and of 32 bits, per tensor and per channel, and a graph of nine operators.
const Case kCases[] = {
    {"conv2d_s16_004", "mps2-an386"}, {"conv2d_s16_018", "mps2-an386"},
    {"conv2d_s16_021", "microbit"},   {"dwconv2d_s16_006", "mps2-an386"},
    {"fc_s16_010", "mps2-an386"},     {"fc_s16_012", "microbit"},
    {"add_s16_001", "mps2-an386"},    {"mul_s16_007", "mps2-an386"},
    {"avgpool_s16_001", "microbit"},  {"relu_s16_003", "mps2-an386"},
    {"padv2_s16_000", "mps2-an386"},  {"softmax_s16_003", "mps2-an386"},
    {"quantize_009", "mps2-an386"},   {"graph_s16_001", "mps2-an386"},
    {"graph_s16_001", "microbit"},
};

std::string missing_tool() {
  try {
    deploy::run_process({"arm-none-eabi-gcc", "--version"});
    deploy::run_process({"qemu-system-arm", "--version"});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_golden(const std::string& path, const std::string& device_name) {
  const deploy::Device device = deploy::load_device(device_name);
  const Program program = deploy::lower(formats::read_model(path + ".tflite"), device);
  std::vector<Bytes> inputs;
  for (size_t i = 0; i < program.inputs.size(); i++)
    inputs.push_back(read_file(path + ".in" + std::to_string(i) + ".bin"));
  const deploy::EmulationResult result = deploy::emulate(program, device, {}, {{inputs}});
  for (size_t i = 0; i < program.outputs.size(); i++)
    EXPECT_EQ(result.outputs.at(0).at(i), read_file(path + ".out" + std::to_string(i) + ".bin"));
}

TEST(GoldenInt16Firmware, HasTheIntegersOfTflm) {
  const std::string golden = testing::folder_from("MOTE_GOLDEN_DIR");
  if (golden.empty()) GTEST_SKIP() << "MOTE_GOLDEN_DIR is not set";
  if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
  for (const Case& test : kCases) {
    SCOPED_TRACE(std::string(test.name) + " on " + test.device);
    try {
      expect_golden(golden + "/ops/" + test.name, test.device);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace
}  // namespace mote
