#include "ir/graph.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ir/text.h"

namespace mote {
namespace {

// x -> a -> b, x -> dead
Graph graph_with_dead_node() {
  return parse(R"(graph g
input x: float32[2]
  unread: float32[2] = [0, 0]
dead: float32[2] = Relu(x)
  c: float32[2] = [1, 2]
a: float32[2] = Add(x, c)
b: float32[2] = Add(a, a)
output b
)",
               {});
}

TEST(Graph, NamesStayUnique) {
  Graph graph;
  const TensorType type{DType::float32, {1}, {}};
  for (const char* name : {"w", "w", "", "", "w_1"}) add_value(graph, name, type);
  std::vector<std::string> names;
  for (const Value& value : graph.values) names.push_back(value.name);
  EXPECT_EQ(names, (std::vector<std::string>{"w", "w_1", "value", "value_1", "w_1_1"}));
}

TEST(Graph, ConstantsHaveTheirBytes) {
  Graph graph;
  const ValueId f = add_constant(graph, "f", {2}, {1.5f, -2.0f});
  EXPECT_EQ(float_data(graph.value(f)), (std::vector<float>{1.5f, -2.0f}));
  const ValueId i = add_constant(graph, "i", {DType::int32, {1}, {}}, {1, 2, 0, 0});
  EXPECT_EQ(int32_data(graph.value(i)), std::vector<int32_t>{513});
  EXPECT_THROW(float_data(graph.value(i)), Error);
  EXPECT_THROW(add_constant(graph, "g", {3}, {1.0f}), Error);
}

TEST(Graph, Float16StandsForFloat32) {
  Graph graph;
  const Bytes halves = {0x00, 0x3C, 0x00, 0xC1, 0x01, 0x00};
  const Value half = graph.value(add_constant(graph, "h", {DType::float16, {3}, {}}, halves));
  EXPECT_EQ(float_data(half), (std::vector<float>{1.0f, -2.5f, 0x1p-24f}));
  EXPECT_EQ(widened_type(half), (TensorType{DType::float32, {3}, {}}));
  EXPECT_EQ(float_data(widened(half)), float_data(half));
  EXPECT_EQ(widened(half).type.dtype, DType::float32);
  const Value integer = graph.value(add_constant(graph, "i", {DType::int8, {1}, {}}, {7}));
  EXPECT_EQ(widened(integer), integer);
}

TEST(Graph, ComparesContents) {
  const Graph graph = graph_with_dead_node();
  Graph other = graph_with_dead_node();  // other pointers, the same bytes
  EXPECT_EQ(graph, other);
  other.value(3).data = std::make_shared<const Bytes>(8);
  EXPECT_NE(graph, other);
}

TEST(Graph, KnowsWhoMakesAndReads) {
  const Graph graph = graph_with_dead_node();
  EXPECT_EQ(producers(graph), (std::vector<int32_t>{-1, -1, 0, -1, 1, 2}));
  const auto readers = consumers(graph);
  EXPECT_EQ(readers[0], (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(readers[4], (std::vector<int32_t>{2, 2}));
  EXPECT_TRUE(readers[5].empty());
  EXPECT_TRUE(is_output(graph, 5));
  EXPECT_FALSE(is_output(graph, 4));
}

TEST(Graph, DropsWhatNobodyReads) {
  Graph graph = graph_with_dead_node();
  eliminate_dead(graph);
  EXPECT_EQ(print(graph).text,
            "graph g\n"
            "input x: float32[2]\n"
            "  c: float32[2] = [1, 2]\n"
            "a: float32[2] = Add(x, c)\n"
            "b: float32[2] = Add(a, a)\n"
            "output b\n");
}

TEST(Graph, KeepsInputsThatNobodyReads) {
  Graph graph = graph_with_dead_node();
  graph.outputs = {3};
  eliminate_dead(graph);
  EXPECT_TRUE(graph.nodes.empty());
  EXPECT_EQ(graph.values.size(), 2u);
  EXPECT_EQ(graph.inputs, std::vector<ValueId>{0});
}

TEST(Graph, DescribesNodes) {
  EXPECT_EQ(describe(graph_with_dead_node().nodes[1]), "node 'a' (Add)");
}

TEST(Preprocessing, IsIdentityByDefault) {
  EXPECT_TRUE(Preprocessing{}.identity());
  EXPECT_TRUE((Preprocessing{{1, 1, 1}, {0, 0, 0}}.identity()));
  EXPECT_FALSE((Preprocessing{{1, 2, 1}, {0}}.identity()));
  EXPECT_FALSE((Preprocessing{{1}, {1}}.identity()));
}

}  // namespace
}  // namespace mote
