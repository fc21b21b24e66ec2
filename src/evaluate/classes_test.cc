#include "evaluate/classes.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::evaluate {
namespace {

Graph graph_of(TensorType output) {
  Graph graph;
  graph.name = std::string("m");
  graph.outputs = {add_value(graph, "y", std::move(output))};
  return graph;
}

template <class T>
std::vector<int32_t> classes_of(const Graph& graph, const std::vector<T>& scores, int32_t count) {
  return classify(graph, to_bytes(std::span<const T>(scores)), count);
}

TEST(Classes, TheFirstOfTheLargestScoresWins) {
  const Graph graph = graph_of({DType::int8, {1, 3}, per_tensor(1.0f / 256, -128)});
  EXPECT_EQ(class_count(graph), 3);
  EXPECT_EQ(classes_of<int8_t>(graph, {5, 9, 9, -128, -127, -128}, 2),
            (std::vector<int32_t>{1, 1}));
  EXPECT_EQ(classes_of<uint8_t>(graph_of({DType::uint8, {1, 2}, per_tensor(1, 0)}), {200, 100}, 1),
            (std::vector<int32_t>{0}));
}

TEST(Classes, ASingleLogitDecidesByItsSign) {
  EXPECT_EQ(class_count(graph_of({DType::float32, {1, 1}, {}})), 2);
  EXPECT_EQ(classes_of<float>(graph_of({DType::float32, {1, 1}, {}}), {-2, 0, 0.1f, 7}, 4),
            (std::vector<int32_t>{0, 0, 1, 1}));
  // The number that it stands for decides, not the integer.
  EXPECT_EQ(classes_of<int8_t>(graph_of({DType::int8, {1}, per_tensor(0.5f, 20)}),
                               {-128, 19, 20, 21, 127}, 5),
            (std::vector<int32_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(classes_of<int8_t>(graph_of({DType::int8, {1}, per_tensor(0.5f, -20)}), {-20, -19}, 2),
            (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(classes_of<uint8_t>(graph_of({DType::uint8, {1, 1}, per_tensor(0.5f, 128)}),
                                {0, 128, 129}, 3),
            (std::vector<int32_t>{0, 0, 1}));
  EXPECT_EQ(
      classes_of<int16_t>(graph_of({DType::int16, {1, 1}, per_tensor(0.5f, 0)}), {-1, 0, 1}, 3),
      (std::vector<int32_t>{0, 0, 1}));
}

// Softmax stands for all operators whose outputs are probabilities.
TEST(Classes, ASingleProbabilityDecidesByAHalf) {
  Graph graph;
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 1, 1}, {}});
  graph.inputs = {x};
  const ValueId p = add_node(graph, ops::Softmax{}, {x}, "p");
  graph.outputs = {add_node(graph, ops::Reshape{{1, 1}}, {p}, "y")};
  EXPECT_DOUBLE_EQ(decision_threshold(graph), 0.5);
  EXPECT_EQ(classes_of<float>(graph, {0.2f, 0.5f, 0.7f}, 3), (std::vector<int32_t>{0, 0, 1}));
  graph.outputs = {add_node(graph, ops::Relu{}, {p}, "r")};
  EXPECT_DOUBLE_EQ(decision_threshold(graph), 0);
}

std::string error_of(const Graph& graph, const std::vector<int32_t>& labels) {
  try {
    check_labels(graph, labels);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    return error.what();
  }
  return "none";
}

TEST(Classes, LabelsBeyondThemAreCounted) {
  const Graph three = graph_of({DType::float32, {1, 3}, {}});
  EXPECT_EQ(error_of(three, {0, 1, 2, 2}), "none");
  EXPECT_EQ(error_of(three, {1, 2}), "none");
  const std::string from_one = error_of(three, {1, 2, 3, 3});
  EXPECT_NE(from_one.find("2 of 4 labels are no class of the model"), std::string::npos)
      << from_one;
  EXPECT_NE(from_one.find("begin at 1"), std::string::npos) << from_one;
  const std::string beyond = error_of(three, {0, 1, 2, 7});
  EXPECT_NE(beyond.find("1 of 4 labels"), std::string::npos) << beyond;
  EXPECT_EQ(beyond.find("begin at 1"), std::string::npos) << beyond;
  const Graph one = graph_of({DType::float32, {1, 1}, {}});
  EXPECT_EQ(error_of(one, {0, 1, 1}), "none");
  EXPECT_NE(error_of(one, {0, 1, 2}).find("1 of 3 labels"), std::string::npos);
}

}  // namespace
}  // namespace mote::evaluate
