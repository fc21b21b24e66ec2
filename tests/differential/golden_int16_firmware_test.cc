// A sample of the int16 cases of both golden suites as firmware, in the emulator: TFLM's integers.
// The host runs all of them (golden_ops_test.cc, golden_int16x8_test.cc).
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/process.h"
#include "deploy/emulate/emulate.h"
#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "tests/support/emulator.h"
#include "tests/support/golden_cases.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

struct Int16Case {
  const char* name;
  const char* device;
};

void PrintTo(const Int16Case& test, std::ostream* stream) {
  *stream << test.name << " on " << test.device;
}

// Every operator; biases of 64 and of 32 bits, per tensor and per channel; an input that nobody
// reads (transpose_conv*), and a graph of nine operators. On the small core, some of them again.
constexpr const char* kDevice = "mps2-an386";
const Int16Case kInt16Cases[] = {
    {"ops/conv2d_s16_004", kDevice},
    {"ops/conv2d_s16_018", kDevice},
    {"ops/conv2d_s16_021", kDevice},
    {"ops/dwconv2d_s16_006", kDevice},
    {"ops/tconv_s16_001", kDevice},
    {"ops/tconv_s16_003", kDevice},
    {"ops/tconv_s16_004", kDevice},
    {"ops/fc_s16_010", kDevice},
    {"ops/fc_s16_012", kDevice},
    {"ops/add_s16_001", kDevice},
    {"ops/sub_s16_004", kDevice},
    {"ops/sub_s16_006", kDevice},
    {"ops/mul_s16_007", kDevice},
    {"ops/avgpool_s16_001", kDevice},
    {"ops/maxpool_s16_000", kDevice},
    {"ops/relu_s16_003", kDevice},
    {"ops/relu6_s16_000", kDevice},
    {"ops/leaky_relu_s16_004", kDevice},
    {"ops/softmax_s16_003", kDevice},
    {"ops/reshape_s16_000", kDevice},
    {"ops/strided_slice_s16_000", kDevice},
    {"ops/strided_slice_s16_001", kDevice},
    {"ops/pad_s16_000", kDevice},
    {"ops/padv2_s16_000", kDevice},
    {"ops/quantize_009", kDevice},
    {"ops/quantize_012", kDevice},
    {"ops/dequantize_001", kDevice},
    {"ops/graph_s16_001", kDevice},
    {"int16x8/add4", kDevice},
    {"int16x8/conv0", kDevice},
    {"int16x8/conv14", kDevice},
    {"int16x8/leaky_relu0", kDevice},
    {"int16x8/leaky_relu12", kDevice},
    {"int16x8/pad18", kDevice},
    {"int16x8/quantize0", kDevice},
    {"int16x8/strided_slice0", kDevice},
    {"int16x8/strided_slice14", kDevice},
    {"int16x8/sub2", kDevice},
    {"int16x8/transpose_conv0", kDevice},
    {"int16x8/transpose_conv4", kDevice},
    {"ops/conv2d_s16_021", "microbit"},
    {"ops/tconv_s16_003", "microbit"},
    {"ops/fc_s16_012", "microbit"},
    {"ops/avgpool_s16_001", "microbit"},
    {"ops/graph_s16_001", "microbit"},
};

class GoldenInt16Firmware : public ::testing::TestWithParam<Int16Case> {};

// One test each: ctest runs them side by side.
TEST_P(GoldenInt16Firmware, HasTheIntegersOfTflm) {
  const std::string golden = testing::folder_from("MOTE_GOLDEN_DIR");
  if (golden.empty()) GTEST_SKIP() << "MOTE_GOLDEN_DIR is not set";
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string path = golden + "/" + GetParam().name;
  const deploy::Device device = deploy::load_device(GetParam().device);
  const Program program = deploy::lower(formats::read_model(path + ".tflite"), device);
  const std::vector<Bytes> inputs = testing::golden_inputs(path, program);
  const deploy::EmulationResult result = deploy::emulate(program, device, {}, {{inputs}});
  EXPECT_EQ(result.outputs.at(0), testing::golden_outputs(path, program));
}

INSTANTIATE_TEST_SUITE_P(, GoldenInt16Firmware, ::testing::ValuesIn(kInt16Cases),
                         [](const auto& info) {
                           std::string name =
                               std::string(info.param.name) + "_" + info.param.device;
                           std::ranges::replace_if(
                               name, [](char c) { return c == '-' || c == '/'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace mote
