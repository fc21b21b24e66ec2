#include "ops/average_pool2d/average_pool2d.h"

#include <gtest/gtest.h>

#include <numeric>

#include "ops/window.h"
#include "tests/support/pool_oracle.h"

namespace mote {
namespace {

using namespace testing;

TEST(AveragePool2D, InfersTheShapeOfItsOutput) {
  const auto inferred = [](const ops::AveragePool2D& op) {
    return op_def(op).infer(op, std::vector{real({2, 7, 8, 3})}).at(0).shape;
  };
  EXPECT_EQ(inferred({{2, 2}, {2, 2}, {}}), (Shape{2, 3, 4, 3}));
  EXPECT_EQ(inferred({{3, 3}, {2, 1}, {1, 1, 1, 1}}), (Shape{2, 4, 8, 3}));
}

TEST(AveragePool2D, NamesWhatDoesNotGoTogether) {
  const auto error = [](const ops::AveragePool2D& op) {
    return inference_error(op, {real({1, 2, 2, 3})});
  };
  EXPECT_EQ(
      error({{3, 2}, {}, {}}),
      "a window 3x2 with dilation 1x1 does not fit into [1, 2, 2, 3] with padding 0, 0, 0, 0");
  EXPECT_EQ(error({{2, 2}, {0, 1}, {}}), "stride 0x1");
  EXPECT_EQ(error({{2, 2}, {}, {0, 2, 0, 0}}), "padding 0, 2, 0, 0 holds a whole window 2x2");
  EXPECT_EQ(inference_error(ops::AveragePool2D{}, {real({2, 3})}),
            "shape [2, 3] is not [N, H, W, C]");
}

double mean_of(const std::vector<double>& window) {
  return std::accumulate(window.begin(), window.end(), 0.0) / static_cast<double>(window.size());
}

TEST(AveragePool2D, PoolsReals) {
  Random random(1, "average_pool2d");
  for (int i = 0; i < 80; i++) {
    SCOPED_TRACE(i);
    const auto pool = random_pool<ops::AveragePool2D>(random);
    const Shape shape = random_image(pool.window, 1 + i % 3, random);
    const Graph graph = node_graph(pool, {real(shape)});
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<float>(inputs[0]);
    const RealRange range = range_of(pool.activation);
    expect_computes<float>(
        graph, inputs,
        [&](size_t e) {
          return std::clamp<double>(mean_of(window_of(e, pool, x, shape, output)), range.min,
                                    range.max);
        },
        1e-6);
  }
}

TEST(AveragePool2D, PoolsIntegers) {
  Random random(2, "average_pool2d");
  for (int i = 0; i < 80; i++) {
    SCOPED_TRACE(i);
    const auto pool = random_pool<ops::AveragePool2D>(random);
    const Shape shape = random_image(pool.window, 1 + i % 3, random);
    const TensorType input = int8(shape, random_scale(random), random_zero_point(random));
    const Graph graph = node_graph(pool, {input}, input.quantization);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int8_t>(inputs[0]);
    expect_computes<int8_t>(graph, inputs, [&](size_t e) {
      return clamp_int8(std::round(mean_of(window_of(e, pool, x, shape, output))), pool.activation,
                        *input.quantization);
    });
  }
}

TEST(AveragePool2D, PoolsInt16) {
  Random random(4, "average_pool2d");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const auto pool = random_pool<ops::AveragePool2D>(random);
    const Shape shape = random_image(pool.window, 1 + i % 3, random);
    const TensorType input = int16(shape, random_scale(random, -10.0, -4.0));
    const Graph graph = node_graph(pool, {input}, input.quantization);
    const Shape& output = graph.value(graph.outputs[0]).type.shape;
    const auto inputs = random_inputs(graph, random);
    const auto x = elements_of<int16_t>(inputs[0]);
    expect_computes<int16_t>(graph, inputs, [&](size_t e) {
      return clamp_int16(std::round(mean_of(window_of(e, pool, x, shape, output))), pool.activation,
                         *input.quantization);
    });
  }
}

TEST(AveragePool2D, ReadsItsInputFromARing) {
  Random random(3, "average_pool2d");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    const auto pool = random_pool<ops::AveragePool2D>(random);
    const TensorType input = int8(random_image(pool.window, 1, random), 0.5f, 3);
    expect_reads_from_a_ring(pool, node_graph(pool, {input}, input.quantization), random);
    expect_reads_from_a_ring(pool, node_graph(pool, {real(input.shape)}), random);
    const TensorType wide = int16(input.shape, 0.5f);
    expect_reads_from_a_ring(pool, node_graph(pool, {wide}, wide.quantization), random);
  }
}

TEST(AveragePool2D, KeepsItsInputsQuantization) {
  EXPECT_THROW(node_graph(ops::AveragePool2D{}, {int8({1, 2, 2, 1}, 1.0f, 0)}, per_tensor(0.5f, 0)),
               Error);
}

TEST(AveragePool2D, RefusesSumsBeyond32Bits) {
  for (const TensorType& input :
       {int8({1, 4096, 4096, 1}, 1.0f, 0), int16({1, 256, 256, 1}, 1.0f)}) {
    Graph graph;
    graph.inputs = {add_value(graph, "input", input)};
    graph.outputs = {
        add_node(graph, ops::AveragePool2D{image_size(input.shape), {}, {}}, graph.inputs, "node")};
    graph.value(graph.outputs[0]).type.quantization = input.quantization;
    EXPECT_THROW(NodeRun(graph, {}), Error);
  }
}

TEST(AveragePool2D, IsAveragePool2DInTflite) {
  const TensorType integers = int8({1, 5, 5, 2}, 0.5f, 7);
  const ops::AveragePool2D valid{{2, 3}, {2, 1}, {}, Activation::relu};
  const ops::AveragePool2D same{{2, 2}, {2, 2}, {0, 1, 0, 1}};
  expect_tflite(node_graph(valid, {real(integers.shape)}), "AVERAGE_POOL_2D", 1);
  expect_tflite(node_graph(same, {integers}, integers.quantization), "AVERAGE_POOL_2D", 2);
  const TensorType wide = int16(integers.shape, 0.5f);
  expect_tflite(node_graph(same, {wide}, wide.quantization), "AVERAGE_POOL_2D", 3);
  const ops::AveragePool2D odd{{2, 2}, {1, 1}, {1, 0, 0, 0}};
  EXPECT_THROW(export_graph(node_graph(odd, {real(integers.shape)}), Format::tflite), Error);
}

}  // namespace
}  // namespace mote
