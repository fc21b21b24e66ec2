// Whole networks as firmware, in the emulator: TFLM's outputs, and less memory than TFLM takes for
// the same network (TFLM with CMSIS-NN on the same core, int8 registrations only, newlib-nano).
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/process.h"
#include "deploy/emulate/emulate.h"
#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "tests/support/emulator.h"
#include "tests/support/golden.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

struct Case {
  const char* model;
  const char* device;
  int64_t flash_of_tflm;
  int64_t ram_of_tflm;
};

class GoldenFirmware : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (golden().empty() || models().empty())
      GTEST_SKIP() << "MOTE_GOLDEN_DIR or MOTE_MODELS_DIR is not set";
    MOTE_SKIP_WITHOUT_EMULATOR();
  }
  static std::string golden() { return testing::folder_from("MOTE_GOLDEN_DIR"); }
  static std::string models() { return testing::folder_from("MOTE_MODELS_DIR"); }
};

TEST_P(GoldenFirmware, HasTheOutputsOfTflmInLessMemory) {
  const Case& test = GetParam();
  const Graph graph = formats::read_model(models() + "/" + test.model + ".tflite");
  const deploy::Device device = deploy::load_device(test.device);
  const Program program = deploy::lower(graph, device);
  const auto input_bytes = static_cast<size_t>(byte_size(program.inputs.at(0).type));
  std::vector<std::vector<Bytes>> samples;
  for (int vector = 0; vector < testing::kGoldenVectors; vector++)
    samples.push_back({testing::golden_input(vector, input_bytes)});
  const deploy::EmulationResult result = deploy::emulate(program, device, {}, samples);
  const auto expected = testing::read_expected(golden() + "/int8/" + test.model + ".txt");
  for (size_t vector = 0; vector < samples.size(); vector++)
    EXPECT_EQ(testing::hexadecimal(result.outputs[vector].at(0)), expected[vector].output)
        << vector;
  EXPECT_LT(result.size.flash_bytes, test.flash_of_tflm);
  EXPECT_LT(result.ram_bytes, test.ram_of_tflm);
}

INSTANTIATE_TEST_SUITE_P(, GoldenFirmware,
                         ::testing::Values(Case{"resnet8_int8", "mps2-an386", 149'768, 56'388},
                                           Case{"kws_dscnn_int8", "mps2-an386", 107'404, 24'212},
                                           Case{"kws_dscnn_int8", "microbit", 107'404, 24'212}),
                         [](const auto& info) {
                           std::string name =
                               std::string(info.param.model) + "_" + info.param.device;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace mote
