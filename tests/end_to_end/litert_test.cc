// What Mote exports is TFLite to others: LiteRT, Google's runtime (from npm, as WebAssembly), takes
// the file of every recipe and computes what the reference engine does. LiteRT's kernels round
// once, so the integer schemes are compared under single rounding, int8 byte for byte. Needs
// MOTE_LITERT_DIR, the folder of tests/support/litert/package.json after `npm ci`.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/file.h"
#include "base/random.h"
#include "compress/compress.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "passes/pipeline.h"
#include "tests/support/places.h"
#include "tests/support/real_files.h"
#include "tests/support/run_mote.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

constexpr int32_t kImages = 100;

Graph trained() {
  return formats::read_model(source_path("results/custom/fashion-mnist/float32.tflite"));
}

Graph residual() {
  return zoo::build("zoo:resnet8", {.input = {28, 28, 1}, .classes = 10, .seed = 1});
}

Bytes run_litert(const std::string& model, const Bytes& inputs) {
  write_file(temp_path("litert.in"), inputs);
  const std::string command = fmt::format(
      "node {} {} {} {} {} 2>{}", shell_word(source_path("tests/support/litert/run.mjs")),
      shell_word(testing::folder_from("MOTE_LITERT_DIR")), shell_word(model),
      shell_word(temp_path("litert.in")), shell_word(temp_path("litert.out")),
      shell_word(temp_path("litert.err")));
  if (std::system(command.c_str()) != 0) {
    ADD_FAILURE() << "LiteRT refuses the file: " << text_of_file(temp_path("litert.err"));
    return {};
  }
  return read_file(temp_path("litert.out"));
}

// The reals that the bytes stand for.
std::vector<double> reals(const TensorType& type, const Bytes& bytes) {
  std::vector<double> result;
  const auto append = [&](auto element, double scale) {
    using Element = decltype(element);
    const auto* first = reinterpret_cast<const Element*>(bytes.data());
    for (size_t i = 0; i < bytes.size() / sizeof(Element); i++)
      result.push_back(scale * static_cast<double>(first[i]));
  };
  if (type.dtype == DType::float32) append(float{}, 1.0);
  if (type.dtype == DType::int8) append(int8_t{}, type.quantization->scale[0]);
  if (type.dtype == DType::int16) append(int16_t{}, type.quantization->scale[0]);
  return result;
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const compress::Recipe& recipe : compress::built_in_recipes())
    if (!recipe.trains()) names.push_back(recipe.name);
  return names;
}

struct Outputs {
  DType dtype;
  std::vector<double> ours, theirs;
};

// Of one graph for the same images.
Outputs run_both(const Graph& graph, const Array& images, const ExportOptions& options = {}) {
  const std::string file = temp_path("exported.tflite");
  formats::write_model(file, graph, options);
  const Bytes inputs = evaluate::encode(graph, images, 0, kImages);
  const auto engine = evaluate::make_engine("reference", graph, {.rounding = MOTE_ROUNDING_SINGLE});
  const TensorType& type = graph.value(graph.outputs.at(0)).type;
  Outputs outputs{type.dtype, reals(type, engine->run({inputs}, kImages).at(0)),
                  reals(type, run_litert(file, inputs))};
  EXPECT_EQ(outputs.ours.size(), outputs.theirs.size());
  outputs.theirs.resize(outputs.ours.size());
  return outputs;
}

// What the outputs of a scheme, probabilities, may be apart. Floats are summed in another order. Of
// dynamic range runtimes quantize the activations in ways of their own: LiteRT's differ among
// themselves by 0.027. int16: one step of the softmax, 2^-15. int8: nothing; of the recipes of
// fewer bits four steps of the softmax, where LiteRT, which rescales by floats, has rounded an
// element before it the other way. That is one image of the hundred, so what is apart is counted as
// well.
double tolerance(const std::string& recipe, DType output) {
  if (recipe == "dynamic_range") return 5e-3;
  if (output == DType::float32) return 1e-4;
  if (output == DType::int16) return 1.0 / 32768;
  return recipe == "int8" ? 0.0 : 4.0 / 256;
}

void expect_equal_in_litert(const Graph& graph, const Array& images, const std::string& recipe,
                            const ExportOptions& options = {}) {
  const auto [dtype, ours, theirs] = run_both(graph, images, options);
  double difference = 0;
  size_t apart = 0;
  for (size_t i = 0; i < ours.size(); i++) {
    difference = std::max(difference, std::abs(ours[i] - theirs[i]));
    apart += ours[i] != theirs[i];
  }
  std::printf("largest difference of %d images: %g, %zu of %zu elements are apart\n", kImages,
              difference, apart, ours.size());
  EXPECT_LE(difference, tolerance(recipe, dtype));
  if (dtype == DType::int8) {
    EXPECT_LE(apart, ours.size() / 100);
  }
}

class LiteRt : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (testing::folder_from("MOTE_LITERT_DIR").empty())
      GTEST_SKIP() << "MOTE_LITERT_DIR is not set";
  }
  Graph compressed(const Graph& model) const {
    return compress::compress(model, compress::load_recipe(GetParam()), data_.train);
  }

  const datasets::Dataset data_ = datasets::load("glyphs");
};

TEST_P(LiteRt, RunsTheTrainedNetwork) {
  expect_equal_in_litert(compressed(trained()), data_.test.images, GetParam());
}

TEST_P(LiteRt, RunsTheResidualNetwork) {
  expect_equal_in_litert(compressed(residual()), data_.test.images, GetParam());
}

// The network as far as this node.
Graph beginning(const std::string& name, const std::string& node_name) {
  Graph graph = zoo::build(name, {.input = {28, 28, 1}, .classes = 10});
  const auto node = std::ranges::find(graph.nodes, node_name, &Node::origin);
  graph.outputs = node->outputs;
  return graph;
}

// Narrow, one of each family: batch norms behind additions, ReLU6 and depthwise, overlapping pools,
// biases under batch norms. LiteRT rescales by floats and so rounds one element in 100,000 the
// other way. Only the beginning, since every layer of random weights makes more of that.
TEST_P(LiteRt, RunsTheFamiliesOfTheZoo) {
  if (GetParam() == "mixed")
    GTEST_SKIP() << "half of the constants of a few narrow layers are biases and multipliers";
  const std::pair<const char*, const char*> cases[] = {
      {"resnet20_v2?width=0.25", "stage2/block1/add"},
      {"mobilenet_v2?width=0.25", "block3/add"},
      {"resnet50?width=0.25&stem=imagenet", "stage1/block1/add/relu"},
      {"vgg16_bn?width=0.25", "pool2"}};
  for (const auto& [name, node] : cases) {
    const auto [dtype, ours, theirs] =
        run_both(compressed(beginning(name, node)), data_.test.images);
    double largest = 0;
    for (double x : theirs) largest = std::max(largest, std::abs(x));
    const double step = GetParam() == "dynamic_range" ? 0.05 : 1e-4;
    size_t apart = 0;
    for (size_t i = 0; i < ours.size(); i++)
      apart += std::abs(ours[i] - theirs[i]) > step * largest;
    std::printf("%s: %zu of %zu elements are apart\n", name, apart, ours.size());
    EXPECT_LE(apart, ours.size() / 1000) << name;
  }
}

// Weights of 4 bits in the file's own type for them.
TEST(LiteRtInt4, RunsBothNetworks) {
  if (testing::folder_from("MOTE_LITERT_DIR").empty()) GTEST_SKIP() << "MOTE_LITERT_DIR is not set";
  const datasets::Dataset data = datasets::load("glyphs");
  compress::Recipe recipe = compress::load_recipe("int8");
  std::get<compress::QuantizeStep>(recipe.steps.back()).weight_bits = 4;
  for (const Graph& model : {trained(), residual()})
    expect_equal_in_litert(compress::compress(model, recipe, data.train), data.test.images, "int8",
                           {.int4_weights = true});
}

// Without its dead channels, the person detector is the same to LiteRT as well, which rounds once.
TEST(LiteRtOptimized, ComputesTheBytesOfTheOriginal) {
  const std::string models = testing::folder_from("MOTE_MODELS_DIR");
  if (models.empty() || testing::folder_from("MOTE_LITERT_DIR").empty())
    GTEST_SKIP() << "MOTE_MODELS_DIR or MOTE_LITERT_DIR is not set";
  const std::string original = models + "/vww96_int8.tflite";
  const std::string smaller = temp_path("litert_smaller.tflite");
  formats::write_model(smaller, passes::optimized(formats::read_model(original)));
  EXPECT_LT(std::filesystem::file_size(smaller), std::filesystem::file_size(original) / 4);
  Random random(1, "litert");
  Bytes inputs(kImages * 96 * 96 * 3);
  for (uint8_t& byte : inputs) byte = static_cast<uint8_t>(random.below(256));
  const Bytes outputs = run_litert(smaller, inputs);
  EXPECT_EQ(outputs.size(), 2u * kImages);
  EXPECT_EQ(outputs, run_litert(original, inputs));
}

INSTANTIATE_TEST_SUITE_P(Recipes, LiteRt, ::testing::ValuesIn(recipe_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mote
