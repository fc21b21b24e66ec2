#include "evaluate/arrays.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

// One output: the bytes of the first input, negated.
class Negating : public Engine {
 public:
  std::vector<Bytes> run(const std::vector<Bytes>& inputs, int32_t count) override {
    counts.push_back(count);
    Bytes output = inputs.at(0);
    for (uint8_t& byte : output) byte = static_cast<uint8_t>(-byte);
    return {output};
  }
  std::vector<int32_t> counts;
};

Graph graph_of(std::vector<Shape> inputs, Shape output) {
  Graph graph;
  graph.name = std::string("m");  // a literal trips GCC bug 105651
  for (Shape& shape : inputs)
    graph.inputs.push_back(
        add_value(graph, "in", {DType::int8, std::move(shape), per_tensor(1, 0)}));
  graph.outputs = {add_value(graph, "out", {DType::int8, std::move(output), per_tensor(1, 0)})};
  return graph;
}

Array array(DType dtype, Shape shape) {
  const auto size = static_cast<size_t>(element_count(shape) * size_of(dtype));
  return {dtype, std::move(shape), Bytes(size, 3)};
}

TEST(RunArrays, ALeadingNIsNInferences) {
  Negating engine;
  const Graph graph = graph_of({{1, 2, 2, 1}}, {1, 4});
  const auto single = run_arrays(engine, graph, {array(DType::int8, {1, 2, 2, 1})});
  EXPECT_EQ(single.at(0).shape, (Shape{1, 4}));
  const auto several = run_arrays(engine, graph, {array(DType::int8, {5, 2, 2, 1})});
  EXPECT_EQ(several.at(0).shape, (Shape{5, 4}));
  EXPECT_EQ(several.at(0).dtype, DType::int8);
  EXPECT_EQ(several.at(0).data, Bytes(20, 253));
  EXPECT_EQ(engine.counts, (std::vector<int32_t>{1, 5}));
}

TEST(RunArrays, AModelsOwnBatchIsOneInference) {
  Negating engine;
  const Graph graph = graph_of({{4, 2}}, {4, 2});
  EXPECT_EQ(run_arrays(engine, graph, {array(DType::int8, {4, 2})}).at(0).shape, (Shape{4, 2}));
  EXPECT_EQ(engine.counts, (std::vector<int32_t>{1}));
}

// A tensor of rank 0 has one element; several of them are a vector.
TEST(RunArrays, ScalarsHaveNoShape) {
  Negating engine;
  const Graph graph = graph_of({{}}, {});
  const auto single = run_arrays(engine, graph, {array(DType::int8, {})});
  EXPECT_EQ(single.at(0).shape, Shape{});
  EXPECT_EQ(single.at(0).data, Bytes{253});
  EXPECT_EQ(run_arrays(engine, graph, {array(DType::int8, {3})}).at(0).shape, (Shape{3}));
  EXPECT_EQ(engine.counts, (std::vector<int32_t>{1, 3}));
}

std::string error_of(const Graph& graph, const std::vector<Array>& inputs) {
  Negating engine;
  try {
    run_arrays(engine, graph, inputs);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    return error.what();
  }
  return "no error";
}

TEST(RunArrays, OtherShapesThatGoTogether) {
  Negating engine;
  const Graph graph = graph_of({{1, 1, 2, 3}}, {1, 6});
  const Array last{DType::int8, {2, 1, 2, 3}, {1, 3, 5, 2, 4, 6, 11, 13, 15, 12, 14, 16}};
  const Array first{DType::int8, {2, 3, 1, 2}, {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16}};
  const Array flat{DType::int8, {2, 6}, last.data};
  const Array expected = run_arrays(engine, graph, {last}).at(0);
  EXPECT_EQ(run_arrays(engine, graph, {first}).at(0), expected);
  EXPECT_EQ(run_arrays(engine, graph, {flat}).at(0), expected);
  EXPECT_EQ(run_arrays(engine, graph, {array(DType::int8, {2, 3})}).at(0).shape, (Shape{1, 6}));
}

TEST(RunArrays, ErrorsNameTheInputAndBothTypes) {
  const Graph graph = graph_of({{1, 2, 2, 1}}, {1, 4});
  EXPECT_NE(error_of(graph, {array(DType::uint8, {1, 2, 2, 1})})
                .find("m: input 'in': uint8[1, 2, 2, 1] is given, int8[1, 2, 2, 1] is taken"),
            std::string::npos);
  EXPECT_NE(error_of(graph, {array(DType::int8, {2, 3, 2, 1})}).find("int8[2, 3, 2, 1] is given"),
            std::string::npos);
  EXPECT_NE(error_of(graph, {}).find("0 inputs are given, the model has 1"), std::string::npos);
  const Graph two = graph_of({{1, 2}, {1, 3}}, {1, 4});
  EXPECT_NE(error_of(two, {array(DType::int8, {2, 2}), array(DType::int8, {3, 3})})
                .find("3 inferences, but 2 before"),
            std::string::npos);
}

}  // namespace
}  // namespace mote::evaluate
