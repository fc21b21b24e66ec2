#include "compress/node_runner.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ops/verify.h"

namespace mote::compress {
namespace {

// An Add that reads one value twice, a constant as well, and makes what another node reads.
TEST(NodeRunner, RunsEachNodeOnAllSamples) {
  Graph graph;
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, per_tensor(1.0f, 0)});
  graph.inputs = {x};
  const ValueId twice = add_node(graph, ops::Add{}, {x, x}, "twice");
  const ValueId one = add_constant(graph, "one", Shape{2}, {1.0f, -1.0f});
  const ValueId more = add_node(graph, ops::Add{}, {twice, one}, "more");
  graph.outputs = {more};
  Activations activations{{x, {1, 2, 3, 4, 5, 6}}};
  for (const Node& node : graph.nodes) run_node(graph, node, 3, activations);
  EXPECT_EQ(activations.at(twice), (std::vector<float>{2, 4, 6, 8, 10, 12}));
  EXPECT_EQ(activations.at(more), (std::vector<float>{3, 3, 7, 7, 11, 11}));
}

}  // namespace
}  // namespace mote::compress
