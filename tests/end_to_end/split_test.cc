// A network with an operator of several outputs, all the way: training through it, compression,
// files, engines, layer errors, firmware.
#include <gtest/gtest.h>

#include "compress/compress.h"
#include "compress/train/train.h"
#include "evaluate/evaluate.h"
#include "evaluate/firmware.h"
#include "evaluate/layer_error.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/emulator.h"
#include "tests/support/random_data.h"
#include "tests/support/small_data.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

const datasets::Dataset& squares() {
  static const datasets::Dataset data = datasets::load(small_data("squares.npz"));
  return data;
}

ValueId weights(Graph& graph, const std::string& name, const Shape& shape, Random& random) {
  Bytes data = testing::random_floats(element_count(shape), random);
  std::vector<float> small = float_data(
      {name, {DType::float32, shape, {}}, std::make_shared<const Bytes>(std::move(data))});
  for (float& x : small) x *= 0.3f;
  return add_constant(graph, name, shape, small);
}

// A convolution in three pieces of channels: two are added, one passes a convolution of its own,
// whose rows are split again; of these pieces one is read by nobody.
Graph network() {
  Random random(1, "network");
  Graph g;
  g.name = "pieces";
  g.inputs = {add_value(g, "image", {DType::float32, {1, 16, 16, 1}, {}})};
  g.preprocessing = {{{1.0f / 255}, {0.0f}}};
  const auto conv = [&](ValueId x, const Shape& shape, int32_t stride, const std::string& name) {
    const ops::Conv2D op{{stride, stride}, {}, {}, 1, Activation::relu};
    return add_node(g, op, {x, weights(g, name + "/weights", shape, random)}, name);
  };
  const ValueId first = conv(g.inputs[0], {8, 2, 2, 1}, 2, "first");
  const auto pieces = add_outputs(g, ops::Split{3, {2, 2, 4}}, {first}, "pieces");
  const ValueId sum = add_node(g, ops::Add{}, {pieces[0], pieces[1]}, "sum");
  const ValueId narrow = conv(pieces[2], {2, 1, 1, 4}, 1, "narrow");
  const ValueId joined = add_node(g, ops::Add{}, {sum, narrow}, "joined");
  const auto rows = add_outputs(g, ops::Split{1, {6, 2}}, {joined}, "rows");
  const ValueId flat = add_node(g, ops::Reshape{{1, 96}}, {rows[0]}, "flat");
  const ValueId dense = add_node(g, ops::FullyConnected{},
                                 {flat, weights(g, "dense/weights", {2, 96}, random)}, "dense");
  g.outputs = {add_node(g, ops::Softmax{}, {dense}, "classes")};
  verify(g, Level::optimized);
  return g;
}

const compress::TrainResult& trained_pieces() {
  static const compress::TrainResult result = compress::train(
      network(), squares(), {.epochs = 12, .batch = 16, .learning_rate = 0.05f, .threads = 1});
  return result;
}

double top1(const Graph& graph, const std::string& engine) {
  const auto running = evaluate::make_engine(engine, graph);
  return evaluate::evaluate(*running, graph, squares().test).metrics.top1;
}

TEST(SplitNetwork, LearnsThroughAllPieces) {
  EXPECT_LT(trained_pieces().history.back().loss, trained_pieces().history.front().loss / 2);
  EXPECT_GE(trained_pieces().top1, 0.9);
  for (const Node& node : trained_pieces().graph.nodes)
    for (const ValueId id : node.inputs)
      if (trained_pieces().graph.value(id).constant()) {
        const Value& now = trained_pieces().graph.value(id);
        const Graph before = network();
        const auto same = std::ranges::find(before.values, now.name, &Value::name);
        EXPECT_NE(float_data(now), float_data(*same)) << now.name;  // each had a gradient
      }
  EXPECT_EQ(top1(trained_pieces().graph, "float"), trained_pieces().top1);
}

class SplitSchemes : public ::testing::TestWithParam<const char*> {
 protected:
  static Graph compressed() {
    return compress::compress(trained_pieces().graph, compress::load_recipe(GetParam()),
                              squares().train);
  }
};

TEST_P(SplitSchemes, KeepTheAccuracyInEveryEngine) {
  const Graph graph = compressed();
  verify(graph, Level::quantized);
  const double accuracy = top1(graph, "reference");
  EXPECT_GE(accuracy, trained_pieces().top1 - 0.05);
  EXPECT_EQ(top1(graph, "native"), accuracy);
}

TEST_P(SplitSchemes, SurviveTheTripThroughFiles) {
  const Graph graph = compressed();
  const std::string path = temp_path("pieces.tflite");
  formats::write_model(path, graph);
  const Graph back = formats::read_model(path);
  const auto splits = [](const Graph& g) {
    return std::ranges::count_if(
        g.nodes, [](const Node& node) { return std::holds_alternative<ops::Split>(node.op); });
  };
  EXPECT_EQ(splits(back), 2);
  EXPECT_EQ(top1(back, "reference"), top1(graph, "reference"));
  EXPECT_EQ(evaluate::layer_error(trained_pieces().graph, graph, squares().test).size(),
            graph.nodes.size());
}

TEST_P(SplitSchemes, GiveTheSameBytesAsFirmware) {
  const Graph graph = compressed();
  MOTE_SKIP_WITHOUT_EMULATOR();
  const evaluate::FirmwareCheck check =
      evaluate::check_firmware(graph, deploy::load_device("mps2-an386"),
                               evaluate::firmware_options(graph, "m"), squares().test, 3);
  EXPECT_TRUE(check.outputs_equal) << check.first_difference;
}

INSTANTIATE_TEST_SUITE_P(All, SplitSchemes, ::testing::Values("float32", "int8", "int16x8"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace mote
