// What Mote exports is TFLite to others: LiteRT, Google's runtime (from npm, as WebAssembly), takes
// the file of every recipe and computes what the reference engine does. LiteRT's kernels round
// once, so the integer schemes are compared under single rounding, int8 byte for byte. Needs
// MOTE_LITERT_DIR, the folder of tests/support/litert/package.json after `npm ci`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compress/compress.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ir/file.h"
#include "tests/support/real_files.h"
#include "tests/support/run_mote.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

constexpr int32_t kImages = 100;

Graph trained() {
  return formats::read_model(MOTE_SOURCE_DIR "/results/custom/fashion-mnist/float32.tflite");
}

Graph residual() {
  return zoo::build("zoo:resnet8", {.input = {28, 28, 1}, .classes = 10, .seed = 1});
}

Bytes run_litert(const std::string& model, const Bytes& inputs) {
  write_file(temp_path("litert.in"), inputs);
  const std::string command = fmt::format(
      "node {} {} {} {} {} 2>{}", shell_word(MOTE_SOURCE_DIR "/tests/support/litert/run.mjs"),
      shell_word(testing::folder_from("MOTE_LITERT_DIR")), shell_word(model),
      shell_word(temp_path("litert.in")), shell_word(temp_path("litert.out")),
      shell_word(temp_path("litert.err")));
  if (std::system(command.c_str()) != 0) {
    ADD_FAILURE() << "LiteRT refuses the file: " << text_of_file(temp_path("litert.err"));
    return {};
  }
  return read_file(temp_path("litert.out"));
}

// Of the reals that the bytes stand for.
double largest_difference(const TensorType& type, const Bytes& a, const Bytes& b) {
  const auto values = [&](const Bytes& bytes) {
    std::vector<double> reals;
    const auto append = [&](auto element, double scale) {
      using Element = decltype(element);
      const auto* first = reinterpret_cast<const Element*>(bytes.data());
      for (size_t i = 0; i < bytes.size() / sizeof(Element); i++)
        reals.push_back(scale * static_cast<double>(first[i]));
    };
    if (type.dtype == DType::float32) append(float{}, 1.0);
    if (type.dtype == DType::int8) append(int8_t{}, type.quantization->scale[0]);
    if (type.dtype == DType::int16) append(int16_t{}, type.quantization->scale[0]);
    return reals;
  };
  const std::vector<double> ours = values(a), theirs = values(b);
  double largest = 0;
  for (size_t i = 0; i < ours.size(); i++)
    largest = std::max(largest, std::abs(ours[i] - theirs[i]));
  return largest;
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const compress::Recipe& recipe : compress::built_in_recipes()) names.push_back(recipe.name);
  return names;
}

// Sums in another order; activations quantized on the fly may round the other way.
constexpr double kFloatTolerance = 1e-4;
// LiteRT's FULLY_CONNECTED of int16 is not TFLM's: in the golden cases it differs from it in a
// few percent of the outputs, by one. That much before a softmax is this much behind it.
constexpr double kInt16Tolerance = 4.0 / 32768.0;

double tolerance(DType output) {
  if (output == DType::float32) return kFloatTolerance;
  return output == DType::int16 ? kInt16Tolerance : 0.0;
}

void expect_equal_in_litert(const Graph& graph, const Array& images,
                            const ExportOptions& options = {}) {
  const std::string file = temp_path("exported.tflite");
  formats::write_model(file, graph, options);
  const Bytes inputs = evaluate::encode(graph, images, 0, kImages);
  const auto engine = evaluate::make_engine("reference", graph, {.rounding = MOTE_ROUNDING_SINGLE});
  const Bytes ours = engine->run({inputs}, kImages).at(0);
  const Bytes theirs = run_litert(file, inputs);
  ASSERT_EQ(ours.size(), theirs.size());

  const TensorType& type = graph.value(graph.outputs.at(0)).type;
  const double difference = largest_difference(type, ours, theirs);
  std::printf("largest difference of %d images: %g\n", kImages, difference);
  EXPECT_LE(difference, tolerance(type.dtype));
}

class LiteRt : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (testing::folder_from("MOTE_LITERT_DIR").empty())
      GTEST_SKIP() << "MOTE_LITERT_DIR is not set";
  }
  static void check(const Graph& model) {
    const datasets::Dataset data = datasets::load("glyphs");
    const compress::Recipe recipe = compress::load_recipe(GetParam());
    expect_equal_in_litert(compress::compress(model, recipe, data.train), data.test.images);
  }
};

TEST_P(LiteRt, RunsTheTrainedNetwork) {
  check(trained());
}

TEST_P(LiteRt, RunsTheResidualNetwork) {
  check(residual());
}

// Weights of 4 bits in the file's own type for them.
TEST(LiteRtInt4, RunsBothNetworks) {
  if (testing::folder_from("MOTE_LITERT_DIR").empty()) GTEST_SKIP() << "MOTE_LITERT_DIR is not set";
  const datasets::Dataset data = datasets::load("glyphs");
  compress::Recipe recipe = compress::load_recipe("int8");
  std::get<compress::QuantizeStep>(recipe.steps.back()).weight_bits = 4;
  for (const Graph& model : {trained(), residual()})
    expect_equal_in_litert(compress::compress(model, recipe, data.train), data.test.images,
                           {.int4_weights = true});
}

INSTANTIATE_TEST_SUITE_P(Recipes, LiteRt, ::testing::ValuesIn(recipe_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mote
