// What storage is worth, on the residual network of MLPerf Tiny for a Cortex-M4: constants against
// float32's, working memory, and the same bytes as on the host.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/random.h"
#include "compress/compress.h"
#include "deploy/lower/lower.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "formats/model_file.h"
#include "tests/support/real_files.h"

namespace mote {
namespace {

class PackedResnet8 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::folder_from("MOTE_MODELS_DIR").empty())
      GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  }
  static Graph model() {
    return formats::read_model(testing::folder_from("MOTE_MODELS_DIR") + "/resnet8_float.tflite");
  }
  static Graph compressed(const std::string& scheme, int32_t weight_bits, const Array& images) {
    compress::Recipe recipe = compress::load_recipe(scheme);
    std::get<compress::QuantizeStep>(recipe.steps.back()).weight_bits = weight_bits;
    return compress::compress(model(), recipe, {.images = images, .labels = {}});
  }
  static Program program(const Graph& graph) {
    return deploy::lower(graph, deploy::load_device("mps2-an386"));
  }
  static Array noise() {
    Array images{DType::uint8, {8, 32, 32, 3}, Bytes(8 * 3072)};
    Random random(1, "noise");
    for (uint8_t& pixel : images.data) pixel = static_cast<uint8_t>(random.below(256));
    return images;
  }
};

TEST_F(PackedResnet8, HalvesAreHalfAndFourBitsAnEighth) {
  const Program exact = program(model());
  const auto baseline = static_cast<double>(constant_bytes(exact));
  const Program half = program(compressed("float16", 8, {}));
  EXPECT_LE(static_cast<double>(constant_bytes(half)), 0.53 * baseline);
  EXPECT_LE(half.plan.peak_bytes, exact.plan.peak_bytes + 4096);
  const Program four = program(compressed("int8", 4, noise()));
  EXPECT_LE(static_cast<double>(constant_bytes(four)), 0.16 * baseline);
}

TEST_F(PackedResnet8, FirmwareHasTheBytesOfTheHost) {
  if (std::system("command -v arm-none-eabi-gcc qemu-system-arm >/dev/null") != 0)
    GTEST_SKIP() << "no cross compiler or no emulator";
  const deploy::Device device = deploy::load_device("mps2-an386");
  for (const Graph& graph :
       {model(), compressed("float16", 8, {}), compressed("int8", 4, noise())}) {
    const evaluate::FirmwareCheck check = evaluate::check_firmware(
        graph, device, evaluate::firmware_options(graph, "resnet8"), {noise(), {}}, 1);
    EXPECT_TRUE(check.outputs_equal) << check.first_difference;
  }
}

// Without training, by 256 images whose labels are not looked at. The float model has 87.19 %.
TEST_F(PackedResnet8, FewBitsKeepTheAccuracyByTheirRecipes) {
  if (testing::folder_from("MOTE_DATA_DIR").empty()) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  const datasets::Dataset data = datasets::load("cifar-10");
  const auto top1 = [&](const char* recipe) {
    const Graph graph = compress::compress(model(), compress::load_recipe(recipe),
                                           {.images = data.train.images, .labels = {}});
    const auto engine = evaluate::make_engine("native", graph);
    return evaluate::evaluate(*engine, graph, data.test, 0).metrics.top1;
  };
  EXPECT_GE(top1("int4"), 0.864);
  EXPECT_GE(top1("int3"), 0.850);
  EXPECT_GE(top1("mixed"), 0.866);  // in half of int8's constants
}

TEST_F(PackedResnet8, Float16KeepsItsAccuracy) {
  if (testing::folder_from("MOTE_DATA_DIR").empty()) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  const datasets::Dataset data = datasets::load("cifar-10");
  const auto top1 = [&](const Graph& graph) {
    const auto engine = evaluate::make_engine("float", graph);
    return evaluate::evaluate(*engine, graph, data.test, 0).metrics.top1;
  };
  EXPECT_NEAR(top1(compressed("float16", 8, {})), top1(model()), 0.002);
}

}  // namespace
}  // namespace mote
