#include "passes/rewriter.h"

#include <gtest/gtest.h>

#include "ir/text.h"

namespace mote::passes {
namespace {

// Values: x 0, a 1, b 2, c 3, d 4.
Graph diamond() {
  return parse(R"(graph g
input x: float32[2]
a: float32[2] = Relu(x)
b: float32[2] = Relu(a)
c: float32[2] = Add(a, a)
d: float32[2] = Add(b, c)
output d, a
)",
               {});
}

TEST(Rewriter, KnowsMakersAndReaders) {
  Graph graph = diamond();
  Rewriter rewriter(graph);
  EXPECT_EQ(rewriter.maker(0), -1);
  EXPECT_EQ(rewriter.maker(3), 2);
  EXPECT_EQ(rewriter.readers(1), (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(rewriter.reads(1), 3);
  EXPECT_TRUE(rewriter.is_output(1));
  EXPECT_FALSE(rewriter.has_single_use(1));
  EXPECT_TRUE(rewriter.has_single_use(2));
  EXPECT_FALSE(rewriter.finish());
  EXPECT_EQ(graph, diamond());
}

TEST(Rewriter, KeepsThemUpToDate) {
  Graph graph = diamond();
  Rewriter rewriter(graph);
  rewriter.replace_uses(1, 0);
  EXPECT_EQ(rewriter.readers(1), std::vector<int32_t>{});
  EXPECT_EQ(rewriter.readers(0), (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(rewriter.reads(0), 4);
  EXPECT_EQ(graph.outputs, (std::vector<ValueId>{4, 0}));
  rewriter.remove(0);
  EXPECT_TRUE(rewriter.removed(0));
  EXPECT_EQ(rewriter.reads(0), 3);
  EXPECT_EQ(rewriter.maker(1), -1);
  rewriter.set_outputs(1, {1});
  EXPECT_EQ(rewriter.maker(1), 1);
  EXPECT_EQ(rewriter.maker(2), -1);
  rewriter.set_input(3, 0, 1);
  EXPECT_TRUE(rewriter.has_single_use(1));
  EXPECT_TRUE(rewriter.finish());
  EXPECT_EQ(graph.nodes.size(), 3u);
}

TEST(Rewriter, PutsNewNodesInTheirPlaces) {
  Graph graph = diamond();
  Rewriter rewriter(graph);
  const TensorType type = graph.value(0).type;
  const ValueId first = rewriter.add_value("first", type), second = rewriter.add_value("a", type);
  EXPECT_EQ(graph.value(second).name, "a_1");
  rewriter.insert_before(3, {ops::Relu{}, {1}, {first}, "first"});
  const int32_t index = rewriter.insert_before(3, {ops::Relu{}, {first}, {second}, "second"});
  rewriter.replace(3, {ops::Sub{}, {second, 3}, {4}, "d"});
  rewriter.remove(1);
  EXPECT_EQ(rewriter.maker(second), index);
  EXPECT_EQ(rewriter.readers(second), (std::vector<int32_t>{3}));
  EXPECT_TRUE(rewriter.finish());
  std::vector<std::string> origins;
  for (const Node& node : graph.nodes) origins.push_back(node.origin);
  EXPECT_EQ(origins, (std::vector<std::string>{"a", "c", "first", "second", "d"}));
}

}  // namespace
}  // namespace mote::passes
