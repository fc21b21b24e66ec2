#include "evaluate/inspection.h"

#include <gtest/gtest.h>

#include "compress/quantize/quantize.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

// [1, 4, 4, 1] -> 3x3 convolution to 2 channels -> [1, 2, 2, 2] -> 3 classes.
Graph small_graph() {
  Graph graph;
  graph.name = "small";
  graph.inputs = {add_value(graph, "image", {DType::float32, {1, 4, 4, 1}, {}})};
  const ValueId kernel = add_constant(graph, "kernel", {2, 3, 3, 1}, std::vector<float>(18, 0.5f));
  const ValueId bias = add_constant(graph, "bias", {2}, {1, 2});
  ValueId x = add_node(graph, ops::Conv2D{}, {graph.inputs[0], kernel, bias}, "conv");
  x = add_node(graph, ops::Reshape{.shape = {1, 8}}, {x}, "flatten");
  const ValueId dense = add_constant(graph, "dense", {3, 8}, std::vector<float>(24, 0.25f));
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, dense, kNoValue}, "classes")};
  return graph;
}

TEST(Inspect, CountsWhatCanBeCountedByHand) {
  const Inspection inspection = inspect(small_graph());
  ASSERT_EQ(inspection.layers.size(), 3u);
  const LayerFacts& conv = inspection.layers[0];
  EXPECT_EQ(conv.name, "conv");
  EXPECT_EQ(conv.op, "Conv2D");
  EXPECT_EQ(conv.outputs.at(0).shape, (Shape{1, 2, 2, 2}));
  EXPECT_EQ(conv.macs, 2 * 2 * 2 * 9);
  EXPECT_EQ(conv.parameters, 18 + 2);
  EXPECT_EQ(conv.weight_bits, 32);
  EXPECT_EQ(conv.weight_bytes, 4 * (18 + 2));
  EXPECT_EQ(inspection.layers[1].weight_bits, 0);
  EXPECT_EQ(inspection.macs, 72 + 24);
  EXPECT_EQ(inspection.parameters, 20 + 24);
  EXPECT_EQ(inspection.constant_bytes, 4 * 44);
  EXPECT_EQ(inspection.constants, (deploy::ConstantBytes{4 * (18 + 24), 0, 4 * 2, 0}));
}

// A device keeps weights as they come, and widens the few numbers of a bias.
TEST(Inspect, CountsHalvesAsTwoBytes) {
  const Inspection inspection =
      inspect(compress::quantize(small_graph(), {.scheme = Scheme::float16}));
  EXPECT_EQ(inspection.layers[0].weight_bits, 16);
  EXPECT_EQ(inspection.layers[0].weight_bytes, 2 * (18 + 2));
  EXPECT_EQ(inspection.parameters, 20 + 24);
  EXPECT_EQ(inspection.constant_bytes, 2 * 42 + 4 * 2);
  ASSERT_EQ(inspection.weights.size(), 2u);
  EXPECT_EQ(inspection.weights[0].layer, "conv");
  EXPECT_EQ(inspection.weights[0].storage, "f16");
  EXPECT_EQ(inspection.weights[0].bytes, 2 * 18);
  EXPECT_EQ(inspection.weights[0].variant, "reference");
}

TEST(Inspect, BatchNormsAreLayersButNoConstantsOfTheDeployedNetwork) {
  const Inspection inspection = inspect(zoo::build("resnet8"));
  int64_t batch_norms = 0;
  for (const LayerFacts& layer : inspection.layers) batch_norms += layer.op == "BatchNorm";
  EXPECT_GT(batch_norms, 0);
  EXPECT_LE(inspection.constant_bytes, 4 * inspection.parameters);
  EXPECT_GE(inspection.plan.peak_bytes, inspection.plan.lower_bound_bytes);
  EXPECT_GT(inspection.plan.lower_bound_bytes, 0);
}

}  // namespace
}  // namespace mote::evaluate
