#include "compress/compress.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/error.h"
#include "datasets/split.h"
#include "evaluate/inspection.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/glyphs.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

Graph lenet() {
  return zoo::build("zoo:lenet5", {.input = {28, 28, 1}, .classes = 10, .seed = 1});
}

TEST(Compress, Int8TakesRawPixelsAndKeepsNames) {
  const Graph graph = compress(lenet(), load_recipe("int8"), glyphs().train);
  verify(graph, Level::quantized);
  const TensorType& input = graph.value(graph.inputs[0]).type;
  EXPECT_EQ(input.dtype, DType::int8);
  EXPECT_EQ(input.quantization,
            per_tensor(1.0f, -128));  // q = pixel - 128: costs the device nothing
  EXPECT_EQ(graph.value(graph.inputs[0]).name, lenet().value(lenet().inputs[0]).name);
  EXPECT_EQ(graph.value(graph.outputs[0]).type.quantization, per_tensor(1.0f / 256, -128));
}

TEST(Compress, TheSameSeedGivesTheSameGraph) {
  const Recipe recipe = load_recipe("int8");
  const Graph first = compress(lenet(), recipe, glyphs().train, {.seed = 5});
  EXPECT_EQ(first, compress(lenet(), recipe, glyphs().train, {.seed = 5}));
  EXPECT_NE(first, compress(lenet(), recipe, glyphs().train, {.seed = 6}));
}

TEST(Compress, Float32FoldsAndFuses) {
  const Graph graph = compress(lenet(), load_recipe("float32"), {});
  verify(graph, Level::optimized);
  for (const Node& node : graph.nodes) EXPECT_FALSE(std::holds_alternative<ops::Relu>(node.op));
}

TEST(Compress, RefusesTheQuantizedAndTheSampleless) {
  const Graph graph = compress(lenet(), load_recipe("int8"), glyphs().train);
  EXPECT_THROW(compress(graph, load_recipe("int8"), glyphs().train), Error);
  EXPECT_THROW(compress(lenet(), load_recipe("int8"), {}), Error);
}

TEST(Compress, RefusesWeightsThatAreNoNumbersWhateverTheRecipe) {
  for (const Recipe& recipe : built_in_recipes())
    for (const float odd : {NAN, HUGE_VALF, -HUGE_VALF}) {
      Graph graph = lenet();
      const Node& layer = graph.nodes.at(0);
      std::vector<float> weights = float_data(graph.value(layer.inputs.at(1)));
      weights[1] = weights[7] = odd;
      graph.value(layer.inputs[1]).data =
          std::make_shared<const Bytes>(to_bytes(std::span<const float>(weights)));
      try {
        compress(graph, recipe, glyphs().train);
        ADD_FAILURE() << recipe.name << " takes " << odd;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind, ErrorKind::invalid_input);
        EXPECT_TRUE(error.message.starts_with("2 of its ")) << error.message;
        EXPECT_NE(error.where.find(describe(layer)), std::string::npos) << error.where;
      }
    }
}

TEST(Compress, OnlyCalibrationAndTrainingNeedSamples) {
  for (const Recipe& recipe : built_in_recipes()) {
    const bool integer = recipe.name.starts_with("int") || recipe.name == "mixed";
    EXPECT_EQ(recipe.needs_data(), integer || recipe.trains()) << recipe.name;
    if (recipe.needs_data()) continue;
    EXPECT_EQ(compress(lenet(), recipe, {}), compress(lenet(), recipe, glyphs().train));
  }
}

TEST(Compress, MixedBitsFitInHalfOfInt8) {
  const datasets::Split samples = datasets::select(
      glyphs().train, std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  MixedBits found;
  double done = 0;
  CompressOptions options;
  options.found_bits = [&](const MixedBits& bits) { found = bits; };
  options.progress = [&](const CompressProgress& p) {
    EXPECT_EQ(p.step, 2);
    EXPECT_GE(p.done, done);
    done = p.done;
  };
  const Graph graph = compress(lenet(), load_recipe("mixed"), samples, options);
  const int64_t plain =
      evaluate::inspect(compress(lenet(), load_recipe("int8"), samples)).constant_bytes;
  EXPECT_EQ(found.budget_bytes, plain / 2);
  EXPECT_LE(evaluate::inspect(graph).constant_bytes, plain / 2);
  EXPECT_EQ(evaluate::inspect(graph).constant_bytes, found.tried.at(0).constant_bytes);
  EXPECT_GT(done, 0.5);
}

}  // namespace
}  // namespace mote::compress
