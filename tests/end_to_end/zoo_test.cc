// Every network of the zoo, narrow and with random weights, goes the whole way as float32 and as
// int8: compressed, written as .tflite, read back, run by every engine, and int8 also as firmware
// in the emulator; all with the same bytes.
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "compress/compress.h"
#include "deploy/devices/device.h"
#include "evaluate/engine.h"
#include "evaluate/firmware.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "tests/support/emulator.h"
#include "tests/support/small_graphs.h"
#include "tests/support/small_zoo.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

datasets::Split noise() {
  constexpr int32_t kImages = 24;
  Random random(1, "images");
  datasets::Split split;
  split.images = {DType::uint8, {kImages, 16, 16, 3}, testing::random_bytes(random, kImages * 768)};
  return split;
}

// With the logits as a second output: random weights make probabilities of 0 and 1, in which
// differences are lost.
Graph network(const std::string& name) {
  Graph graph = zoo::build(name);
  graph.outputs.push_back(graph.nodes.back().inputs[0]);
  return graph;
}

class SmallZoo : public ::testing::TestWithParam<std::string> {};

TEST_P(SmallZoo, GoesTheWholeWayAndKeepsEveryByte) {
  const datasets::Split images = noise();
  for (const char* recipe : {"float32", "int8"}) {
    const Graph compressed =
        compress::compress(network(GetParam()), compress::load_recipe(recipe), images);
    const std::string file = temp_path("small.tflite");
    formats::write_model(file, compressed);
    const Graph graph = formats::read_model(file);

    constexpr int32_t kImages = 4;
    const std::vector<Bytes> inputs = {evaluate::encode(graph, images.images, 0, kImages)};
    const auto run = [&](const std::string& engine, const Graph& model) {
      return evaluate::make_engine(engine, model)->run(inputs, kImages);
    };
    const std::vector<Bytes> expected = run("reference", graph);
    const std::set<uint8_t> logits(expected.at(1).begin(), expected.at(1).end());
    EXPECT_GT(logits.size(), 15u) << "too alike to tell programs apart";
    EXPECT_EQ(run("reference", compressed), expected) << recipe;
    EXPECT_EQ(run("native", graph), expected) << recipe;
    if (recipe == std::string("float32")) continue;
    MOTE_SKIP_WITHOUT_EMULATOR();
    EXPECT_EQ(run("emulator:mps2-an386", graph), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SmallZoo, ::testing::ValuesIn(testing::small_zoo()),
                         [](const auto& info) {
                           const size_t begin = info.param.find(':') + 1;
                           return info.param.substr(begin, info.param.find('?') - begin);
                         });

}  // namespace
}  // namespace mote
