// Biases as TFLM takes them: of another shape, of a scale that its kernels never look at, clamped.
#include "ops/weighted_tflite.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "tests/support/foreign_graphs.h"

namespace mote {
namespace {

using testing::add_foreign;
using testing::foreign_data;

// int8 [2] -> `type` with one weight scale per output -> int8 [2]: inputs and outputs of scale 1,
// weights [[1, 2], [3, 4]] of scale 1/2, biases of scale 1/2.
ForeignGraph dense(const std::string& type, const TensorType& bias,
                   const std::vector<int32_t>& data = {10, -20}) {
  const bool convolution = type == "CONV_2D";
  const auto shape = [&](Shape images, Shape vectors) { return convolution ? images : vectors; };
  ForeignGraph g;
  g.name = "dense";
  const int32_t x =
      add_foreign(g, "x", {DType::int8, shape({1, 1, 1, 2}, {1, 2}), per_tensor(1.0f, 0)});
  const int32_t w =
      add_foreign(g, "w", {DType::int8, shape({2, 1, 1, 2}, {2, 2}), per_channel({0.5f, 0.5f}, 0)},
                  foreign_data(std::vector<int8_t>{1, 2, 3, 4}));
  const int32_t b = add_foreign(g, "b", bias, foreign_data(data));
  const int32_t y =
      add_foreign(g, "y", {DType::int8, shape({1, 1, 1, 2}, {1, 2}), per_tensor(1.0f, 0)});
  g.nodes = {{type, "", 3, {{"padding", "VALID"}}, {x, w, b}, {y}, "y"}};
  if (!convolution) g.nodes[0].attributes.clear();
  g.inputs = {x};
  g.outputs = {y};
  return g;
}

std::vector<int8_t> run(const Graph& graph, const std::vector<int8_t>& input) {
  const deploy::LowerOptions options{.variants = deploy::Variants::reference};
  const std::vector<Bytes> inputs = {to_bytes(std::span<const int8_t>(input))};
  const Bytes y = interpret::run(deploy::lower(graph, deploy::host_device(), options), inputs)[0];
  EXPECT_EQ(interpret::run(deploy::lower(graph, deploy::host_device()), inputs)[0], y);
  return {reinterpret_cast<const int8_t*>(y.data()),
          reinterpret_cast<const int8_t*>(y.data()) + y.size()};
}

// x = (4, 6): (10 + 4 + 12) / 2 and (-20 + 12 + 24) / 2.
const std::vector<int8_t> kInput = {4, 6}, kOutput = {13, 8};

TEST(WeightedTflite, ABiasIsAVectorWhateverItsShape) {
  for (const char* type : {"CONV_2D", "FULLY_CONNECTED"})
    for (const Shape& shape : {Shape{2}, Shape{1, 2}, Shape{2, 1}, Shape{1, 1, 1, 2}}) {
      const ForeignGraph foreign = dense(type, {DType::int32, shape, per_tensor(0.5f, 0, 32)});
      std::vector<std::string> notes;
      const Graph graph = import_graph(foreign, Format::tflite, &notes);
      const Value& bias = graph.value(graph.nodes[0].inputs[2]);
      EXPECT_EQ(bias.type.shape, (Shape{2}));
      EXPECT_EQ(bias.name, "b");
      EXPECT_EQ(notes, std::vector<std::string>{});
      EXPECT_EQ(run(graph, kInput), kOutput) << type << to_string(shape);
    }
}

TEST(WeightedTflite, ABiasOfAnotherSizeIsRefused) {
  const TensorType type{DType::int32, {1, 3}, {}};
  EXPECT_THROW(import_graph(dense("CONV_2D", type, {1, 2, 3}), Format::tflite), Error);
}

// The dimension of the scales moves along with the shape.
TEST(WeightedTflite, ABiasOfAnotherShapeKeepsItsScales) {
  const ForeignGraph foreign =
      dense("CONV_2D", {DType::int32, {1, 1, 2}, per_channel({0.5f, 0.5f}, 2, 32)});
  const Graph graph = import_graph(foreign, Format::tflite);
  EXPECT_EQ(graph.value(graph.nodes[0].inputs[2]).type,
            (TensorType{DType::int32, {2}, per_channel({0.5f, 0.5f}, 0, 32)}));
}

TEST(WeightedTflite, TheAccumulatorsScaleCountsForTheBias) {
  const Quantization false_scales[] = {per_tensor(1.0f, 0, 32), per_channel({0.5f, 7.0f}, 0, 32),
                                       per_tensor(0.5f, 3, 32)};
  for (const Quantization& quantization : false_scales)
    for (const char* type : {"CONV_2D", "FULLY_CONNECTED"}) {
      std::vector<std::string> notes;
      const Graph graph =
          import_graph(dense(type, {DType::int32, {2}, quantization}), Format::tflite, &notes);
      EXPECT_EQ(run(graph, kInput), kOutput);
      ASSERT_EQ(notes.size(), 1u);
      EXPECT_TRUE(notes[0].starts_with("node 'y' (" + std::string(type) + "): ")) << notes[0];
      EXPECT_TRUE(notes[0].ends_with(": the latter counts") ||
                  notes[0].find("zero point 3") != std::string::npos)
          << notes[0];
    }
}

// With one scale for all weights, TFLM's FULLY_CONNECTED compares: 0.02 output steps are its limit.
TEST(WeightedTflite, AFalseScaleThatTflmRefusesIsRefused) {
  const auto lowered = [](float bias_scale) {
    ForeignGraph foreign =
        dense("FULLY_CONNECTED", {DType::int32, {2}, per_tensor(bias_scale, 0, 32)});
    foreign.values[1].type.quantization = per_tensor(0.5f, 0);
    return run(import_graph(foreign, Format::tflite), kInput);
  };
  EXPECT_EQ(lowered(0.5f), kOutput);
  EXPECT_EQ(lowered(0.519f), kOutput);
  try {
    lowered(0.53f);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
  }
}

// Converters clamp so the bias of a channel whose weights are all 0: the sum is the bias.
TEST(WeightedTflite, ABiasAtTheEndOfInt32OverZeroWeightsOverflowsNothing) {
  for (const int32_t sign : {1, -1}) {
    ForeignGraph foreign =
        dense("CONV_2D", {DType::int32, {2}, {}}, {sign * INT32_MAX, sign * (INT32_MAX / 2)});
    foreign.values[1].data = foreign_data(std::vector<int8_t>{0, 0, 3, 4});
    foreign.values[1].type.quantization = per_channel({0x1p-26f, 0x1p-25f}, 0);
    // sign * 2^31 * 2^-26 = 32; sign * 2^30 * 2^-25 = 32, and 36 * 2^-25 more.
    const auto expected = static_cast<int8_t>(sign * 32);
    EXPECT_EQ(run(import_graph(foreign, Format::tflite), kInput),
              (std::vector<int8_t>{expected, expected}));
  }
}

// Weights of one sign and inputs of one sign: the sum only comes nearer to 0.
TEST(WeightedTflite, TheBoundKnowsTheSignsOfWeightsAndInputs) {
  ForeignGraph foreign = dense("CONV_2D", {DType::int32, {2}, {}}, {INT32_MAX, -INT32_MAX});
  foreign.values[0].type.quantization = per_tensor(1.0f, -128);
  foreign.values[1].data = foreign_data(std::vector<int8_t>{-3, -4, 3, 4});
  foreign.values[1].type.quantization = per_tensor(0x1p-26f, 0);
  EXPECT_EQ(run(import_graph(foreign, Format::tflite), kInput), (std::vector<int8_t>{32, -32}));
  foreign.values[1].data = foreign_data(std::vector<int8_t>{3, 4, 3, 4});
  EXPECT_THROW(run(import_graph(foreign, Format::tflite), kInput), Error);
}

}  // namespace
}  // namespace mote
