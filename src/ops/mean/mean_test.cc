#include "ops/mean/mean.h"

#include <gtest/gtest.h>

#include <bit>

#include "tests/support/foreign_graphs.h"
#include "tests/support/node_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(Mean, DropsOrKeepsTheDimensionsItIsOver) {
  const auto inferred = [](const ops::Mean& op) {
    return op_def(op).infer(op, std::vector{real({2, 3, 4, 5})}).at(0).shape;
  };
  EXPECT_EQ(inferred({{1, 2}, false}), (Shape{2, 5}));
  EXPECT_EQ(inferred({{1, 2}, true}), (Shape{2, 1, 1, 5}));
  EXPECT_EQ(inferred({{0, 1, 2, 3}, false}), Shape{});
  EXPECT_EQ(inference_error(ops::Mean{{}, false}, {real({2, 3})}),
            "a mean of [2, 3] over dimensions []");
  EXPECT_EQ(inference_error(ops::Mean{{2}, false}, {real({2, 3})}),
            "a mean of [2, 3] over dimensions [2]");
  EXPECT_EQ(inference_error(ops::Mean{{1, 0}, false}, {real({2, 3})}),
            "a mean of [2, 3] over dimensions [1, 0]");
}

ops::Mean random_mean(size_t rank, Random& random) {
  ops::Mean mean;
  mean.keep_dims = random.below(2) == 0;
  for (size_t d = 0; d < rank; d++)
    if (random.below(2) == 0) mean.axes.push_back(static_cast<int32_t>(d));
  if (mean.axes.empty()) mean.axes = {static_cast<int32_t>(random.below(rank))};
  return mean;
}

// The elements that each element of the output is the mean of, by position.
std::vector<std::vector<size_t>> windows(const ops::Mean& mean, const Shape& input) {
  Shape kept = input;
  for (const int32_t axis : mean.axes) kept[static_cast<size_t>(axis)] = 1;
  std::vector<std::vector<size_t>> result(static_cast<size_t>(element_count(kept)));
  for (int64_t e = 0; e < element_count(input); e++) {
    std::vector<int64_t> position = position_of(e, input);
    for (const int32_t axis : mean.axes) position[static_cast<size_t>(axis)] = 0;
    result[element_at(position, kept)].push_back(static_cast<size_t>(e));
  }
  return result;
}

TEST(Mean, OfReals) {
  Random random(1, "mean");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const Shape shape = random_shape(1 + random.below(4), 6, random);
    const ops::Mean mean = random_mean(shape.size(), random);
    const Graph graph = node_graph(mean, {real(shape)});
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<float>(inputs[0]);
    const auto of = windows(mean, shape);
    expect_computes<float>(
        graph, inputs,
        [&](size_t e) {
          double sum = 0;
          for (const size_t source : of[e]) sum += x[source];
          return sum / static_cast<double>(of[e].size());
        },
        1e-5);
  }
}

// TFLite: the multiplier takes the division, by as many more bits as the count has.
mote_multiplier divided(double rescale, int64_t count) {
  mote_multiplier m = mote_quantize_multiplier(rescale);
  int32_t bits = 0;
  while (int64_t{2} << bits <= count && bits < 31 + m.shift) bits++;
  m.multiplier = static_cast<int32_t>(m.multiplier * (int64_t{1} << bits) / count);
  m.shift -= bits;
  return m;
}

void expect_integers(DType dtype, Random& random) {
  const Shape shape = random_shape(1 + random.below(4), 6, random);
  const ops::Mean mean = random_mean(shape.size(), random);
  const bool wide = dtype == DType::int16;
  const Quantization q = per_tensor(random_scale(random), wide ? 0 : random_zero_point(random));
  const Quantization output = per_tensor(q.scale[0] * random_scale(random, -1.0, 1.0),
                                         wide ? 0 : random_zero_point(random));
  const Graph graph = node_graph(mean, {{dtype, shape, q}}, output);
  const auto inputs = random_inputs(graph, random);
  const auto of = windows(mean, shape);
  const auto count = static_cast<int64_t>(of[0].size());
  const mote_multiplier m = divided(static_cast<double>(q.scale[0]) / output.scale[0], count);
  const Range range = integer_range(dtype);
  for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE}) {
    const Bytes bytes = run_in_every_way(graph, inputs, {.rounding = rounding});
    for (size_t e = 0; e < of.size(); e++) {
      int64_t sum = 0;
      for (const size_t source : of[e])
        sum += integer_at(inputs[0], dtype, source) - q.zero_point[0];
      const int64_t y = naive_rescale(sum, m, rounding) + output.zero_point[0];
      ASSERT_EQ(integer_at(bytes, dtype, e), std::clamp<int64_t>(y, range.min, range.max)) << e;
    }
  }
}

TEST(Mean, OfIntegers) {
  Random random(2, "mean");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    expect_integers(DType::int8, random);
    expect_integers(DType::int16, random);
  }
}

// By hand: (1 + 2 + 3 + 5) - 4 * -1 = 15 steps of 1/2, and a quarter of that in steps of 1/4.
TEST(Mean, RescalesAndRoundsOnce) {
  const Graph graph =
      node_graph(ops::Mean{{1, 2}, false}, {int8({1, 2, 2, 1}, 0.5f, -1)}, per_tensor(0.25f, 3));
  EXPECT_EQ(elements_of<int8_t>(run_node(graph, {{Bytes{1, 2, 3, 5}}})),
            (std::vector<int8_t>{3 + 8}));
}

// More than four dimensions: neighbours that all stay, or all go, are one.
TEST(Mean, OfManyDimensions) {
  const Graph graph = node_graph(ops::Mean{{2, 3}, false}, {real({2, 1, 2, 2, 1, 2})});
  std::vector<float> x(16);
  for (size_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i);
  EXPECT_EQ(elements_of<float>(run_in_every_way(graph, {to_bytes(std::span<const float>(x))})),
            (std::vector<float>{3, 4, 11, 12}));
  EXPECT_THROW(NodeRun(node_graph(ops::Mean{{0, 2, 4}, false}, {real({2, 2, 2, 2, 2})}), {}),
               Error);
}

TEST(Mean, IsRefusedWhereTheSumWouldOverflow) {
  const auto lowered = [](int32_t elements) {
    return NodeRun(
        node_graph(ops::Mean{{0}, true}, {int8({elements}, 1.0f, 127)}, per_tensor(1.0f, 0)), {});
  };
  EXPECT_NO_THROW(lowered(1 << 22));
  EXPECT_THROW(lowered(1 << 24), Error);
}

TEST(Mean, IsMeanInTflite) {
  const TensorType integers = int8({2, 3, 4}, 0.5f, 7), wide = int16({2, 3, 4}, 0.5f);
  expect_tflite(node_graph(ops::Mean{{1}, true}, {real({2, 3, 4})}), "MEAN", 1);
  expect_tflite(node_graph(ops::Mean{{0, 2}, false}, {integers}, integers.quantization), "MEAN", 2);
  expect_tflite(node_graph(ops::Mean{{1}, false}, {wide}, wide.quantization), "MEAN", 3);
}

TEST(Mean, TakesAxesAsFilesHaveThem) {
  const auto imported = [](const std::vector<int32_t>& axes) {
    ForeignGraph foreign;
    const int32_t x = add_foreign(foreign, "x", real({2, 3, 4, 5}));
    const int32_t axis =
        add_foreign(foreign, "axes", {DType::int32, {static_cast<int32_t>(axes.size())}, {}},
                    foreign_data(axes));
    const int32_t y = add_foreign(foreign, "y", real({2, 5}));
    foreign.nodes.push_back({"MEAN", "", 1, {{"keep_dims", int64_t{0}}}, {x, axis}, {y}, "y"});
    foreign.inputs = {x};
    foreign.outputs = {y};
    return std::get<ops::Mean>(import_graph(foreign, Format::tflite).nodes.at(0).op).axes;
  };
  EXPECT_EQ(imported({1, 2}), (std::vector<int32_t>{1, 2}));
  EXPECT_EQ(imported({2, -3, 1, -2}), (std::vector<int32_t>{1, 2}));
  EXPECT_THROW(imported({1, 4}), Error);
  EXPECT_THROW(imported({1, -5}), Error);
}

}  // namespace
}  // namespace mote
