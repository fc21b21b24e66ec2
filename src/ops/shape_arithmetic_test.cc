#include "ops/shape_arithmetic.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/support/foreign_graphs.h"

namespace mote {
namespace {

using testing::add_foreign;
using testing::foreign_data;

int32_t integers(ForeignGraph& g, const std::string& name, const std::vector<int32_t>& data) {
  return add_foreign(g, name, {DType::int32, {static_cast<int32_t>(data.size())}, {}},
                     foreign_data(data));
}

// What Keras writes for Flatten: the batch is taken out of the input's shape at run time.
ForeignGraph flatten() {
  ForeignGraph g;
  const int32_t x = add_foreign(g, "x", {DType::float32, {2, 3, 4}, {}});
  const int32_t shape = add_foreign(g, "shape", {DType::int32, {3}, {}});
  const int32_t begin = integers(g, "begin", {0}), end = integers(g, "end", {1});
  const int32_t stride = integers(g, "stride", {1});
  const int32_t batch = add_foreign(g, "batch", {DType::int32, {}, {}});
  const int32_t rest =
      add_foreign(g, "rest", {DType::int32, {}, {}}, foreign_data(std::vector<int32_t>{12}));
  const int32_t packed = add_foreign(g, "packed", {DType::int32, {2}, {}});
  const int32_t y = add_foreign(g, "y", {DType::float32, {2, 12}, {}});
  g.nodes = {{"SHAPE", "", 1, {}, {x}, {shape}, "shape"},
             {"STRIDED_SLICE",
              "",
              1,
              {{"shrink_axis_mask", int64_t{1}}},
              {shape, begin, end, stride},
              {batch},
              "batch"},
             {"PACK",
              "",
              1,
              {{"values_count", int64_t{2}}, {"axis", int64_t{0}}},
              {batch, rest},
              {packed},
              "packed"},
             {"RESHAPE", "", 1, {}, {x, packed}, {y}, "y"}};
  g.inputs = {x};
  g.outputs = {y};
  return g;
}

TEST(ShapeArithmetic, LeavesTheReshapeAlone) {
  const Graph graph = import_graph(flatten(), Format::tflite);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(std::get<ops::Reshape>(graph.nodes[0].op), (ops::Reshape{{2, 12}}));
  EXPECT_EQ(graph.values.size(), 2u);
}

// What the graph itself reads of it is a constant.
TEST(ShapeArithmetic, IsAConstantToWhoeverReadsIt) {
  ForeignGraph foreign = flatten();
  foreign.outputs.push_back(foreign.nodes[2].outputs[0]);
  const Graph graph = import_graph(foreign, Format::tflite);
  const Value& packed = graph.value(graph.outputs.at(1));
  ASSERT_TRUE(packed.constant());
  EXPECT_EQ(int32_data(packed), (std::vector<int32_t>{2, 12}));
}

TEST(ShapeArithmetic, SlicesFromTheEndAndBackwards) {
  ForeignGraph g = flatten();
  g.values[2].data = foreign_data(std::vector<int32_t>{-1});  // begin
  g.values[3].data = foreign_data(std::vector<int32_t>{-4});  // end
  g.values[4].data = foreign_data(std::vector<int32_t>{-2});  // stride
  g.values[5].type.shape = {2};
  g.nodes[1].attributes.clear();
  g.nodes.resize(2);
  g.outputs = {5};
  const Graph graph = import_graph(g, Format::tflite);
  EXPECT_EQ(int32_data(graph.value(graph.outputs[0])), (std::vector<int32_t>{4, 2}));
}

TEST(ShapeArithmetic, KeepsToTheTypeAndSizeOfTheFile) {
  ForeignGraph wide = flatten();
  for (const size_t value : {1, 5, 6, 7}) wide.values[value].type.dtype = DType::int64;
  wide.values[6].data = foreign_data(std::vector<int64_t>{12});
  EXPECT_EQ(import_graph(wide, Format::tflite).nodes.size(), 1u);

  const auto kind_of = [](const ForeignGraph& foreign) {
    try {
      import_graph(foreign, Format::tflite);
    } catch (const Error& error) {
      return error.kind;
    }
    return ErrorKind::internal;
  };
  ForeignGraph longer = flatten();
  longer.values[1].type.shape = {4};
  EXPECT_EQ(kind_of(longer), ErrorKind::invalid_input);
  ForeignGraph real = flatten();
  real.values[1].type.dtype = DType::float32;
  EXPECT_EQ(kind_of(real), ErrorKind::invalid_input);
}

// PACK of activations would be an operator of its own.
TEST(ShapeArithmetic, OfWhatIsNotKnownIsUnsupported) {
  ForeignGraph foreign = flatten();
  foreign.inputs.push_back(foreign.nodes[1].outputs[0]);
  foreign.nodes.erase(foreign.nodes.begin(), foreign.nodes.begin() + 2);
  try {
    import_graph(foreign, Format::tflite);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.message, "packs 'batch', which is not known at import");
  }
}

}  // namespace
}  // namespace mote
