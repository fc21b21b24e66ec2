#include "evaluate/evaluate.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::evaluate {
namespace {

// Two pixels in, the brighter one is the class.
Graph brighter() {
  Graph graph;
  graph.name = "brighter";
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 1, 2, 1}, {}})};
  const ValueId relu = add_node(graph, ops::Relu{}, {graph.inputs[0]}, "r");
  graph.outputs = {add_node(graph, ops::Reshape{{1, 2}}, {relu}, "y")};
  return graph;
}

datasets::Split three_images() {
  return {{DType::uint8, {3, 1, 2, 1}, {9, 1, 0, 200, 30, 20}}, {0, 1, 1}};
}

TEST(Evaluate, CountsWhatIsRight) {
  const Graph graph = brighter();
  const auto engine = make_engine("reference", graph);
  int32_t heard = 0;
  const Evaluation all =
      evaluate(*engine, graph, three_images(), 0, [&](int32_t done, int32_t) { heard = done; });
  EXPECT_EQ(all.predictions, (std::vector<int32_t>{0, 1, 0}));
  EXPECT_DOUBLE_EQ(all.metrics.top1, 2.0 / 3);
  EXPECT_EQ(heard, 3);
  EXPECT_DOUBLE_EQ(evaluate(*engine, graph, three_images(), 2).metrics.top1, 1.0);
}

TEST(Evaluate, NeedsLabels) {
  const Graph graph = brighter();
  datasets::Split split = three_images();
  split.labels.clear();
  EXPECT_THROW(evaluate(*make_engine("reference", graph), graph, split), Error);
}

TEST(Evaluate, RefusesLabelsThatAreNoClass) {
  const Graph graph = brighter();
  datasets::Split split = three_images();
  split.labels = {1, 2, 1};
  EXPECT_THROW(evaluate(*make_engine("reference", graph), graph, split), Error);
  EXPECT_THROW(evaluate(*make_engine("reference", graph), graph, split, 1), Error);
}

// Its one output is the first pixel less 100: class 1 where that is above 0.
TEST(Evaluate, OneOutputTellsTwoClassesApart) {
  Graph graph;
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 1}, {}})};
  const ValueId mean = add_constant(graph, "mean", Shape{1}, {100.0f});
  graph.outputs = {add_node(graph, ops::Sub{}, {graph.inputs[0], mean}, "y")};
  const datasets::Split split{{DType::uint8, {4, 1}, {9, 200, 101, 99}}, {0, 1, 1, 0}};
  EXPECT_EQ(evaluate(*make_engine("reference", graph), graph, split).metrics.top1, 1.0);
}

}  // namespace
}  // namespace mote::evaluate
