#include "ops/strided_slice/strided_slice.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ir/text.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/kernel_cases.h"

namespace mote {
namespace {

using namespace testing;

TEST(StridedSlice, TakesSoManyOrAsManyAsThereAre) {
  const auto inferred = [](const ops::StridedSlice& op) {
    return op_def(op).infer(op, std::vector{real({4, 9})}).at(0).shape;
  };
  EXPECT_EQ(inferred({{1, 2}, {3, 4}, {1, 2}}), (Shape{3, 4}));
  EXPECT_EQ(inferred({{0, 0}, {-1, -1}, {1, 4}}), (Shape{4, 3}));
  EXPECT_EQ(inferred({{3, 8}, {-1, -1}, {-2, -4}}), (Shape{2, 3}));
  EXPECT_EQ(inferred({{2, 1}, {1, 1}, {2147483647, -2147483647}}), (Shape{1, 1}));
}

TEST(StridedSlice, NamesWhatItCannotTake) {
  const auto error = [](const ops::StridedSlice& op) {
    return inference_error(op, {real({4, 9})});
  };
  EXPECT_EQ(error({{0}, {1}, {1}}), "slices [4, 9] from [0], [1] in steps of [1]; ranks 1 to 4 do");
  EXPECT_EQ(error({{0, 5}, {4, 5}, {1, 1}}),
            "takes 5 elements from 5 in steps of 1 out of dimension 1 of [4, 9]");
  EXPECT_EQ(error({{4, 0}, {-1, -1}, {1, 1}}),
            "takes -1 elements from 4 in steps of 1 out of dimension 0 of [4, 9]");
  EXPECT_EQ(error({{-1, 0}, {1, 1}, {1, 1}}),
            "takes 1 elements from -1 in steps of 1 out of dimension 0 of [4, 9]");
  EXPECT_EQ(error({{0, 3}, {1, 3}, {1, -2}}),
            "takes 3 elements from 3 in steps of -2 out of dimension 1 of [4, 9]");
  EXPECT_EQ(error({{0, 0}, {1, 1}, {1, 0}}),
            "takes 1 elements from 0 in steps of 0 out of dimension 1 of [4, 9]");
  EXPECT_EQ(error({{0, 0}, {0, 1}, {1, 1}}),
            "takes 0 elements from 0 in steps of 1 out of dimension 0 of [4, 9]");
}

size_t sliced_from(size_t element, const ops::StridedSlice& op, const Shape& output,
                   const Shape& input) {
  std::vector<int64_t> position = position_of(static_cast<int64_t>(element), output);
  for (size_t d = 0; d < position.size(); d++)
    position[d] = op.begin[d] + position[d] * op.stride[d];
  return element_at(position, input);
}

template <class T>
void expect_slices(const ops::StridedSlice& op, const TensorType& input, Random& random) {
  const Graph graph = node_graph(op, {input}, input.quantization);
  const Shape& output = graph.value(graph.outputs[0]).type.shape;
  const auto inputs = random_inputs(graph, random);
  const auto x = elements_of<T>(inputs[0]);
  expect_computes<T>(graph, inputs,
                     [&](size_t e) { return x[sliced_from(e, op, output, input.shape)]; });
  const PrintedGraph printed = print(graph);
  EXPECT_EQ(parse(printed.text, printed.constants), graph);
}

TEST(StridedSlice, TakesTheElements) {
  Random random(1, "strided_slice");
  for (int i = 0; i < 200; i++) {
    SCOPED_TRACE(i);
    const Shape shape = random_shape(1 + random.below(4), 7, random);
    const ops::StridedSlice op = random_slice(shape, random);
    expect_slices<float>(op, real(shape), random);
    expect_slices<int8_t>(op, int8(shape, 0.5f, random_zero_point(random)), random);
    expect_slices<int16_t>(op, int16(shape, 0.25f), random);
  }
}

TEST(StridedSlice, KeepsTheQuantization) {
  EXPECT_THROW(
      node_graph(ops::StridedSlice{{0}, {2}, {1}}, {int8({4}, 0.5f, 1)}, per_tensor(0.5f, 2)),
      Error);
}

// ---- TFLite ----

struct Mask {
  const char* name;
  int64_t bits;
};

// A file's node: TFLite's operands as they are. The output's shape is what the test expects.
ForeignGraph foreign_slice(const Shape& input, const std::vector<int32_t>& begin,
                           const std::vector<int32_t>& end, const std::vector<int32_t>& stride,
                           const std::vector<Mask>& masks, const Shape& output) {
  ForeignGraph g;
  const auto integers = [&](const char* name, const std::vector<int32_t>& data) {
    const auto count = static_cast<int32_t>(data.size());
    return add_foreign(g, name, {DType::int32, {count}, {}}, foreign_data(data));
  };
  g.inputs = {add_foreign(g, "input", real(input))};
  g.outputs = {add_foreign(g, "output", real(output))};
  g.nodes.push_back(
      {"STRIDED_SLICE",
       "",
       1,
       {},
       {0, integers("begin", begin), integers("end", end), integers("strides", stride)},
       {1},
       "node"});
  for (const Mask& mask : masks) g.nodes[0].attributes.emplace_back(mask.name, mask.bits);
  return g;
}

std::string slice_error(const ForeignGraph& foreign) {
  try {
    import_graph(foreign, Format::tflite);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_EQ(error.where, "node 'node' (STRIDED_SLICE)");
    return error.message;
  }
  return "none";
}

ops::StridedSlice slice_of(const ForeignGraph& foreign) {
  const Graph graph = import_graph(foreign, Format::tflite);
  EXPECT_EQ(graph.nodes.size(), 1u);
  return std::get<ops::StridedSlice>(graph.nodes.at(0).op);
}

TEST(StridedSlice, ResolvesIndicesAndMasks) {
  using Slice = ops::StridedSlice;
  EXPECT_EQ(slice_of(foreign_slice({6, 8}, {1, 0}, {4, 8}, {1, 2}, {}, {3, 4})),
            (Slice{{1, 0}, {3, 4}, {1, 2}}));
  EXPECT_EQ(slice_of(foreign_slice({6, 8}, {-4, 0}, {-1, 99}, {1, 1}, {}, {3, 8})),
            (Slice{{2, 0}, {3, -1}, {1, 1}}));
  EXPECT_EQ(slice_of(foreign_slice({6, 8}, {5, 7}, {-99, 0}, {-1, -3}, {}, {6, 3})),
            (Slice{{5, 7}, {6, 3}, {-1, -3}}));
  const std::vector<Mask> open = {{"begin_mask", 3}, {"end_mask", 1}};
  EXPECT_EQ(slice_of(foreign_slice({6, 8}, {3, 3}, {3, 3}, {-2, 1}, open, {3, 3})),
            (Slice{{5, 0}, {3, 3}, {-2, 1}}));
  EXPECT_EQ(slice_of(foreign_slice({6, 8}, {1, 3}, {2, 4}, {1, 1}, {{"offset", 1}}, {2, 4})),
            (Slice{{1, 3}, {2, 4}, {1, 1}}));
  // Dimensions without an entry are taken whole, and so is what an ellipsis stands for.
  EXPECT_EQ(slice_of(foreign_slice({6, 8, 3}, {1}, {3}, {1}, {}, {2, 8, 3})),
            (Slice{{1, 0, 0}, {2, -1, -1}, {1, 1, 1}}));
  EXPECT_EQ(slice_of(foreign_slice({6, 8, 3}, {1, 0, 1}, {3, 0, 2}, {1, 1, 1},
                                   {{"ellipsis_mask", 2}}, {2, 8, 1})),
            (Slice{{1, 0, 1}, {2, -1, 1}, {1, 1, 1}}));
}

TEST(StridedSlice, OfAShrunkDimensionIsASliceAndAReshape) {
  const ForeignGraph foreign =
      foreign_slice({4, 5, 6}, {-2, 1, 0}, {0, 4, 6}, {1, 1, 2}, {{"shrink_axis_mask", 1}}, {3, 3});
  const Graph graph = import_graph(foreign, Format::tflite);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(std::get<ops::StridedSlice>(graph.nodes[0].op),
            (ops::StridedSlice{{2, 1, 0}, {1, 3, 3}, {1, 1, 2}}));
  EXPECT_EQ(std::get<ops::Reshape>(graph.nodes[1].op), (ops::Reshape{{3, 3}}));
  const Graph back = import_graph(export_graph(graph, Format::tflite), Format::tflite);
  EXPECT_EQ(back.nodes.size(), 2u);
  EXPECT_EQ(back.value(back.outputs[0]).type, graph.value(graph.outputs[0]).type);
}

TEST(StridedSlice, OfANewDimensionIsASliceAndAReshape) {
  const std::vector<Mask> masks = {{"new_axis_mask", 2}, {"shrink_axis_mask", 2}};
  const Graph graph = import_graph(
      foreign_slice({4, 5}, {1, 0, 3}, {3, 0, 5}, {1, 1, 1}, masks, {2, 1, 2}), Format::tflite);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(std::get<ops::StridedSlice>(graph.nodes[0].op),
            (ops::StridedSlice{{1, 3}, {2, 2}, {1, 1}}));
  EXPECT_EQ(std::get<ops::Reshape>(graph.nodes[1].op), (ops::Reshape{{2, 1, 2}}));
}

TEST(StridedSlice, SaysWhichEntryOfAFileTakesNothing) {
  const auto error = [](const std::vector<int32_t>& begin, const std::vector<int32_t>& end,
                        const std::vector<int32_t>& stride, const std::vector<Mask>& masks = {}) {
    return slice_error(foreign_slice({6, 8}, begin, end, stride, masks, {1}));
  };
  EXPECT_EQ(error({0, 5}, {6, 5}, {1, 1}),
            "entry 1 (5 to 5 in steps of 1) takes nothing of a dimension of 8");
  EXPECT_EQ(error({0, 5}, {6, 8}, {1, -1}),
            "entry 1 (5 to 8 in steps of -1) takes nothing of a dimension of 8");
  EXPECT_EQ(error({0}, {6}, {0}),
            "entry 0 (0 to 6 in steps of 0) takes nothing of a dimension of 6");
  EXPECT_EQ(error({6}, {7}, {1}, {{"shrink_axis_mask", 1}}),
            "entry 0 (6 to 7 in steps of 1) takes nothing of a dimension of 6");
  EXPECT_EQ(error({-7}, {7}, {1}, {{"shrink_axis_mask", 1}}),
            "entry 0 (-7 to 7 in steps of 1) takes nothing of a dimension of 6");
  EXPECT_EQ(error({0, 0, 0}, {1, 1, 1}, {1, 1, 1}), "3 entries and 0 ellipses for shape [6, 8]");
  EXPECT_EQ(error({0, 0}, {1, 1}, {1, 1}, {{"ellipsis_mask", 3}}),
            "0 entries and 2 ellipses for shape [6, 8]");
  EXPECT_EQ(error({0, 0}, {1}, {1, 1}), "2 begins, 1 ends and 2 strides");
}

TEST(StridedSlice, WantsConstantIndices) {
  ForeignGraph foreign = foreign_slice({6}, {1}, {3}, {1}, {}, {2});
  foreign.values[3].data = nullptr;
  foreign.inputs.push_back(3);
  try {
    import_graph(foreign, Format::tflite);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::unsupported);
    EXPECT_EQ(error.message, "'end' is not a constant");
  }
}

TEST(StridedSlice, IsStridedSliceInTflite) {
  const ops::StridedSlice op{{2, 4, 0}, {3, 2, -1}, {-1, -3, 1}};
  const TensorType integers = int8({3, 5, 2}, 0.5f, 7), wide = int16({3, 5, 2}, 0.5f);
  expect_tflite(node_graph(op, {real({3, 5, 2})}), "STRIDED_SLICE", 1);
  expect_tflite(node_graph(op, {integers}, integers.quantization), "STRIDED_SLICE", 2);
  expect_tflite(node_graph(op, {wide}, wide.quantization), "STRIDED_SLICE", 2);
}

}  // namespace
}  // namespace mote
