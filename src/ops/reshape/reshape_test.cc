#include "ops/reshape/reshape.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ops/relu/relu.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Reshape, InfersTheOpenDimension) {
  const auto inferred = [](const Shape& shape) {
    const ops::Reshape op{shape};
    return op_def(op).infer(op, std::vector{real({2, 3, 4, 5})}).at(0).shape;
  };
  EXPECT_EQ(inferred({6, 20}), (Shape{6, 20}));
  EXPECT_EQ(inferred({-1, 20}), (Shape{6, 20}));
  EXPECT_EQ(inferred({2, -1}), (Shape{2, 60}));
  EXPECT_EQ(inferred({-1}), (Shape{120}));
}

TEST(Reshape, NamesTheShapesThatDoNotGoTogether) {
  const auto error = [](const Shape& shape) {
    return inference_error(ops::Reshape{shape}, {real({2, 3})});
  };
  EXPECT_EQ(error({2, 4}), "shape [2, 3] cannot become [2, 4]");
  EXPECT_EQ(error({-1, 4}), "shape [2, 3] cannot become [-1, 4]");
  EXPECT_EQ(error({-1, -1}), "shape [2, 3] cannot become [-1, -1]");
  EXPECT_EQ(error({0, 6}), "shape [2, 3] cannot become [0, 6]");
  EXPECT_EQ(error({2147483647, 2147483647, 2147483647}),
            "shape [2, 3] cannot become [2147483647, 2147483647, 2147483647]");
  EXPECT_EQ(error({}), "shape [2, 3] cannot become []");
  EXPECT_EQ(inference_error(ops::Reshape{{}}, {real({1, 1})}), "none");  // a scalar
}

TEST(Reshape, OneElementMayLoseAllDimensions) {
  const ops::Reshape scalar{{}};
  EXPECT_EQ(op_def(scalar).infer(scalar, std::vector{real({1, 1})}).at(0).shape, Shape{});
  EXPECT_EQ(op_def(scalar).infer(scalar, std::vector{real({})}).at(0).shape, Shape{});
  const ops::Reshape vector{{-1}};
  EXPECT_EQ(op_def(vector).infer(vector, std::vector{real({})}).at(0).shape, Shape{1});
}

TEST(Reshape, IsACopyBetweenPorts) {
  Random random(1, "reshape");
  const Graph graph = node_graph(ops::Reshape{{2, 5, 12}}, {real({2, 3, 4, 5})});
  const auto inputs = random_inputs(graph, random);
  EXPECT_EQ(run_in_every_way(graph, inputs), inputs[0]);
}

TEST(Reshape, CostsNothingBetweenNodes) {
  Graph graph;
  graph.inputs = {add_value(graph, "input", real({2, 6}))};
  const ValueId inner = add_node(graph, ops::Relu{}, graph.inputs, "relu");
  graph.outputs = {add_node(graph, ops::Reshape{{12}}, {inner}, "reshape")};
  Homes homes = initial_homes(graph);
  const Node& node = graph.nodes[1];
  Lowering lowering(graph, node, MOTE_ROUNDING_DOUBLE, homes);
  op_def(node.op).lower(node.op, lowering);
  EXPECT_TRUE(lowering.calls.empty());
}

TEST(Reshape, IsReshapeInTflite) {
  const TensorType integers = int8({2, 3}, 0.5f, 7);
  expect_tflite(node_graph(ops::Reshape{{6}}, {real({2, 3})}), "RESHAPE", 1);
  expect_tflite(node_graph(ops::Reshape{{-1, 2}}, {integers}, integers.quantization), "RESHAPE", 1);
}

// SQUEEZE, and a RESHAPE without its second operand: the shape is that of the output.
TEST(Reshape, TakesTheOutputsShapeWhereNoOperandSaysIt) {
  for (const char* type : {"SQUEEZE", "RESHAPE"}) {
    ForeignGraph foreign;
    const int32_t input = add_foreign(foreign, "input", real({1, 3, 1, 2}));
    const int32_t output = add_foreign(foreign, "output", real({3, 2}));
    foreign.nodes.push_back({type, "", 1, {}, {input}, {output}, "node"});
    foreign.inputs = {input};
    foreign.outputs = {output};
    const Graph graph = import_graph(foreign, Format::tflite);
    EXPECT_EQ(std::get<ops::Reshape>(graph.nodes.at(0).op), (ops::Reshape{{3, 2}})) << type;
  }
}

}  // namespace
}  // namespace mote
