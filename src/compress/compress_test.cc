#include "compress/compress.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

Graph lenet() {
  return zoo::build("zoo:lenet5", {.input = {28, 28, 1}, .classes = 10, .seed = 1});
}

const datasets::Dataset& glyphs() {
  static const datasets::Dataset data = datasets::load("glyphs");
  return data;
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

}  // namespace
}  // namespace mote::compress
