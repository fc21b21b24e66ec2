#include "ops/split/split.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "ir/text.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Split, InfersTheShapesOfAllPieces) {
  const ops::Split op{1, {1, 3, 2}};
  const std::vector<TensorType> outputs = op_def(op).infer(op, std::vector{real({4, 6, 5})});
  ASSERT_EQ(outputs.size(), 3u);
  EXPECT_EQ(outputs[0], real({4, 1, 5}));
  EXPECT_EQ(outputs[1], real({4, 3, 5}));
  EXPECT_EQ(outputs[2], real({4, 2, 5}));
}

TEST(Split, NamesWhatDoesNotGoTogether) {
  const auto error = [](const ops::Split& op) { return inference_error(op, {real({4, 6})}); };
  EXPECT_EQ(error({1, {2, 3}}), "splits [4, 6] into [2, 3] along dimension 1");
  EXPECT_EQ(error({1, {6, 0}}), "splits [4, 6] into [6, 0] along dimension 1");
  EXPECT_EQ(error({1, {7, -1}}), "splits [4, 6] into [7, -1] along dimension 1");
  EXPECT_EQ(error({0, {}}), "splits [4, 6] into [] along dimension 0");
  EXPECT_EQ(error({2, {4}}), "splits [4, 6] into [4] along dimension 2");
  EXPECT_EQ(error({-1, {6}}), "splits [4, 6] into [6] along dimension -1");
  EXPECT_EQ(error({1, {2147483647, 2147483647, 8}}),
            "splits [4, 6] into [2147483647, 2147483647, 8] along dimension 1");
}

TEST(Split, KeepsTheQuantization) {
  EXPECT_THROW(node_graph(ops::Split{0, {1, 3}}, {int8({4}, 0.5f, 1)}, per_tensor(0.5f, 2)), Error);
}

template <class T>
void expect_splits(const ops::Split& op, const TensorType& input, Random& random) {
  const Graph graph = node_graph(op, {input}, input.quantization);
  const std::vector<Bytes> inputs = random_inputs(graph, random);
  const auto x = elements_of<T>(inputs[0]);
  for (const int32_t rows : {0, 1, 2}) {
    NodeRun run(graph, {.rows_at_once = rows});
    run.value(graph.inputs[0]) = inputs[0];
    run.run();
    int64_t begin = 0;
    for (size_t o = 0; o < op.sizes.size(); begin += op.sizes[o++]) {
      const auto y = elements_of<T>(run.value(graph.outputs[o]));
      const Shape& shape = graph.value(graph.outputs[o]).type.shape;
      for (size_t e = 0; e < y.size(); e++) {
        std::vector<int64_t> position = position_of(static_cast<int64_t>(e), shape);
        position[static_cast<size_t>(op.axis)] += begin;
        ASSERT_EQ(y[e], x[element_at(position, input.shape)]) << "output " << o << ", " << e;
      }
    }
  }
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
}

TEST(Split, TakesTheElements) {
  Random random(1, "split");
  for (int i = 0; i < 200; i++) {
    SCOPED_TRACE(i);
    const Shape shape = random_shape(1 + random.below(5), 6, random);
    const ops::Split op = random_split(shape, random);
    expect_splits<float>(op, real(shape), random);
    expect_splits<int8_t>(op, int8(shape, 0.5f, random_zero_point(random)), random);
    expect_splits<int16_t>(op, int16(shape, 0.25f), random);
  }
}

// ---- TFLite ----

TEST(Split, IsSplitOrSplitVInTflite) {
  const TensorType bytes = int8({2, 6}, 0.5f, 7), wide = int16({2, 6}, 0.5f);
  const ops::Split equal{1, {3, 3}}, unequal{1, {1, 3, 2}};
  expect_tflite(node_graph(equal, {real({2, 6})}), "SPLIT", 1);
  expect_tflite(node_graph(equal, {bytes}, bytes.quantization), "SPLIT", 2);
  expect_tflite(node_graph(equal, {wide}, wide.quantization), "SPLIT", 4);
  expect_tflite(node_graph(unequal, {real({2, 6})}), "SPLIT_V", 1);
  expect_tflite(node_graph(unequal, {bytes}, bytes.quantization), "SPLIT_V", 2);
  expect_tflite(node_graph(ops::Split{0, {2}}, {real({2, 6})}), "SPLIT", 1);
}

int32_t add_integers(ForeignGraph& graph, const char* name, const std::vector<int32_t>& data) {
  const auto count = static_cast<int32_t>(data.size());
  return add_foreign(graph, name, {DType::int32, {count}, {}}, foreign_data(data));
}

// Of an input [2, 6] and outputs of the shapes given.
ForeignGraph foreign_split(const std::string& type, const std::vector<int32_t>& sizes, int32_t axis,
                           const std::vector<Shape>& outputs) {
  ForeignGraph g;
  const int32_t input = add_foreign(g, "input", real({2, 6}));
  const int32_t dimension = add_integers(g, "axis", {axis});
  std::vector<int32_t> operands = {dimension, input};
  if (type == "SPLIT_V") operands = {input, add_integers(g, "sizes", sizes), dimension};
  g.inputs = {input};
  for (const Shape& shape : outputs) g.outputs.push_back(add_foreign(g, "output", real(shape)));
  g.nodes.push_back({type, "", 1, {}, operands, g.outputs, "node"});
  return g;
}

std::string import_error(const ForeignGraph& foreign) {
  try {
    import_graph(foreign, Format::tflite);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.message;
  }
  return "none";
}

TEST(Split, ReadsAxesFromTheEndAndAnOpenSize) {
  const auto split_of = [](const ForeignGraph& foreign) {
    return std::get<ops::Split>(import_graph(foreign, Format::tflite).nodes.at(0).op);
  };
  EXPECT_EQ(split_of(foreign_split("SPLIT", {}, -1, {{2, 3}, {2, 3}})), (ops::Split{1, {3, 3}}));
  EXPECT_EQ(split_of(foreign_split("SPLIT_V", {4, -1}, -1, {{2, 4}, {2, 2}})),
            (ops::Split{1, {4, 2}}));
  EXPECT_EQ(split_of(foreign_split("SPLIT_V", {1, 1}, 0, {{1, 6}, {1, 6}})),
            (ops::Split{0, {1, 1}}));
}

TEST(Split, SaysWhatAFileCannotMean) {
  EXPECT_EQ(import_error(foreign_split("SPLIT", {}, 2, {{2, 6}})), "the axis of 2 dimensions is 2");
  EXPECT_EQ(import_error(foreign_split("SPLIT", {}, 1, {{2, 1}, {2, 1}, {2, 1}, {2, 1}})),
            "4 equal pieces of a dimension of 6");
  EXPECT_EQ(import_error(foreign_split("SPLIT_V", {7, -1}, 1, {{2, 6}, {2, 1}})),
            "a piece of 7 out of a dimension of 6");
  EXPECT_EQ(import_error(foreign_split("SPLIT_V", {-1, -1}, 1, {{2, 3}, {2, 3}})),
            "splits [2, 6] into [6, -1] along dimension 1");
  EXPECT_EQ(import_error(foreign_split("SPLIT_V", {2, 4}, 1, {{2, 2}})), "1 outputs, 2 expected");
}

}  // namespace
}  // namespace mote
