// Every scheme from a float network to bytes: its recipe, evaluation, export, import, firmware. A
// scheme is a row, a recipe and kernels; what a row lacks shows here.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "compress/compress.h"
#include "evaluate/classes.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ops/verify.h"
#include "tests/support/emulator.h"
#include "tests/support/glyphs.h"
#include "tests/support/random_data.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

constexpr int32_t kSamples = 20;

Graph lenet() {
  return zoo::build("zoo:lenet5", {.input = {28, 28, 1}, .classes = 10, .seed = 1});
}

Bytes scores(const Graph& graph) {
  const Bytes inputs = evaluate::encode(graph, glyphs().test.images, 0, kSamples);
  return evaluate::make_engine("reference", graph)->run({inputs}, kSamples).at(0);
}

// Of the first output, as reals.
std::vector<double> reals(const Graph& graph, const Bytes& bytes) {
  const TensorType& type = graph.value(graph.outputs.at(0)).type;
  std::vector<double> result;
  for (size_t i = 0; i < bytes.size() / static_cast<size_t>(size_of(type.dtype)); i++) {
    if (type.dtype == DType::float32) {
      result.push_back(reinterpret_cast<const float*>(bytes.data())[i]);
      continue;
    }
    const Quantization& q = type.quantization.value();
    const auto steps = testing::integer_at(bytes, type.dtype, i) - q.zero_point.at(0);
    result.push_back(static_cast<double>(q.scale.at(0)) * static_cast<double>(steps));
  }
  return result;
}

std::vector<std::string> scheme_names() {
  std::vector<std::string> names;
  for (const SchemeInfo& info : schemes()) names.emplace_back(info.name);
  return names;
}

class EveryScheme : public ::testing::TestWithParam<std::string> {
 protected:
  static const SchemeInfo& info() { return info_of(parse_scheme(GetParam()).value()); }
  static Graph compressed() {
    return compress::compress(lenet(), compress::load_recipe(GetParam()), glyphs().train);
  }
};

TEST_P(EveryScheme, MakesWhatItsRowSays) {
  const Graph graph = compressed();
  verify(graph, Level::quantized);
  bool has_weights = false;
  for (const Value& value : graph.values) {
    if (!value.constant()) {
      EXPECT_EQ(value.type.dtype, info().activations) << value.name;
    }
    has_weights |= value.constant() && value.type.dtype == info().weights &&
                   element_count(value.type.shape) >= info().least_elements;
  }
  EXPECT_TRUE(has_weights);
}

TEST_P(EveryScheme, StaysCloseToFloat) {
  const Graph graph = compressed(), exact = lenet();
  const std::vector<double> got = reals(graph, scores(graph));
  const std::vector<double> expected = reals(exact, scores(exact));
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); i++) EXPECT_NEAR(got[i], expected[i], 0.02) << i;
  const auto engine = evaluate::make_engine("reference", graph);
  const auto evaluation = evaluate::evaluate(*engine, graph, glyphs().test, kSamples);
  EXPECT_EQ(evaluation.predictions, evaluate::classify(graph, scores(graph), kSamples));
}

TEST_P(EveryScheme, SurvivesTheTripThroughFiles) {
  const Graph graph = compressed();
  const Bytes expected = scores(graph);
  formats::write_model(temp_path("scheme.tflite"), graph);
  EXPECT_EQ(scores(formats::read_model(temp_path("scheme.tflite"))), expected);
  formats::write_model(temp_path("scheme.mote"), graph);
  EXPECT_EQ(formats::read_model(temp_path("scheme.mote")), graph);
}

TEST_P(EveryScheme, IsNotCompressedAgain) {
  const auto again = [] {
    return compress::compress(compressed(), compress::load_recipe("int8"), glyphs().train);
  };
  if (info().scheme == Scheme::float32) {
    EXPECT_NO_THROW(again());
  } else {
    EXPECT_THROW(again(), Error);
  }
}

// Byte-equal on a core with and on one without floating point, where the compiler's library
// computes it.
void expect_equal_firmware(const Graph& graph) {
  for (const char* name : {"mps2-an386", "microbit"}) {
    const evaluate::FirmwareCheck check = evaluate::check_firmware(
        graph, deploy::load_device(name), evaluate::firmware_options(graph, "m"), glyphs().test, 2);
    EXPECT_TRUE(check.outputs_equal) << name << ": " << check.first_difference;
    EXPECT_EQ(check.samples, 2);
  }
}

// Its widest float tensors take 5.5 KB, so that it runs in the 16 KB of the smaller board.
Graph small_network() {
  return zoo::build("zoo:custom?width=0.3", {.input = {28, 28, 1}, .classes = 10});
}

TEST_P(EveryScheme, IsTheSameInFirmware) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  expect_equal_firmware(
      compress::compress(small_network(), compress::load_recipe(GetParam()), glyphs().train));
}

// Weights of 4 bits are kept two a byte, and unpacked tile by tile.
TEST(FewBits, AreTheSameInFirmware) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  for (const char* scheme : {"int8", "int16x8"}) {
    compress::Recipe recipe = compress::load_recipe(scheme);
    std::get<compress::QuantizeStep>(recipe.steps.back()).weight_bits = 4;
    expect_equal_firmware(compress::compress(small_network(), recipe, glyphs().train));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryScheme, ::testing::ValuesIn(scheme_names()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace mote
