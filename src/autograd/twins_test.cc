// Every differentiable twin computes what its operator's float kernel computes, on odd geometries
// too.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "autograd/network.h"
#include "ir/node.h"
#include "ops/torch_twin.h"
#include "tests/support/node_oracle.h"
#include "tests/support/pool_oracle.h"

namespace mote {
namespace {

using namespace testing;

torch::Tensor tensor_of(const Bytes& bytes, const Shape& shape) {
  const std::vector<int64_t> sizes(shape.begin(), shape.end());
  return torch::from_blob(const_cast<uint8_t*>(bytes.data()), sizes, torch::kFloat32).clone();
}

// The node's inputs are the graph's, or constants.
template <class Attributes>
void expect_graph_agrees(const Attributes& op, const Graph& graph,
                         const std::vector<Bytes>& inputs) {
  std::vector<torch::Tensor> tensors;
  for (size_t i = 0; i < graph.nodes[0].inputs.size(); i++) {
    const Value& value = graph.value(graph.nodes[0].inputs[i]);
    tensors.push_back(tensor_of(value.constant() ? *value.data : inputs[i], value.type.shape));
  }
  const ops::Tensors outputs = ops::forward(op, tensors, ops::TwinContext{});
  ASSERT_EQ(outputs.size(), graph.outputs.size());
  NodeRun run(graph, {});
  for (size_t i = 0; i < inputs.size(); i++) run.value(graph.inputs[i]) = inputs[i];
  run.run();
  for (size_t o = 0; o < outputs.size(); o++) {
    const torch::Tensor output = outputs[o].contiguous();
    const std::vector<float> kernel = elements_of<float>(run.value(graph.outputs[o]));
    const Shape& shape = graph.value(graph.outputs[o]).type.shape;
    ASSERT_EQ(output.sizes().vec(), std::vector<int64_t>(shape.begin(), shape.end()));
    for (size_t i = 0; i < kernel.size(); i++) {
      const float got = output.data_ptr<float>()[i];
      const bool both_nan = std::isnan(got) && std::isnan(kernel[i]);
      ASSERT_TRUE(both_nan || std::abs(got - kernel[i]) <= 1e-5)
          << "element " << i << ": " << got << ", the kernel gives " << kernel[i];
    }
  }
}

// NaN is as good a number as any: the twin has one where the kernel has.
template <class Attributes>
void expect_graph_agrees(const Attributes& op, const Graph& graph, Random& random) {
  std::vector<Bytes> inputs = random_inputs(graph, random);
  expect_graph_agrees(op, graph, inputs);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (Bytes& input : inputs)
    for (size_t at = 0; at < input.size(); at += sizeof nan * (1 + random.below(9)))
      std::memcpy(&input[at], &nan, sizeof nan);
  expect_graph_agrees(op, graph, inputs);
}

template <class Attributes>
void expect_agrees(const Attributes& op, const std::vector<Shape>& shapes, Random& random) {
  std::vector<TensorType> types;
  for (const Shape& shape : shapes) types.push_back(real(shape));
  expect_graph_agrees(op, node_graph(op, types), random);
}

TEST(Twins, OfPools) {
  Random random(1, "pools");
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    const auto average = random_pool<ops::AveragePool2D>(random);
    expect_agrees(average, {random_image(average.window, 1 + i % 3, random)}, random);
    const auto largest = random_pool<ops::MaxPool2D>(random);
    expect_agrees(largest, {random_image(largest.window, 1 + i % 3, random)}, random);
  }
}

TEST(Twins, OfElementwiseOperators) {
  Random random(2, "elementwise");
  for (size_t rank = 1; rank <= 4; rank++) {
    const Shape shape = random_shape(rank, 5, random);
    expect_agrees(ops::Relu{}, {shape}, random);
    expect_agrees(ops::Relu6{}, {shape}, random);
    expect_agrees(ops::LeakyRelu{0.3f}, {shape}, random);
    expect_agrees(ops::LeakyRelu{-0.5f}, {shape}, random);
    expect_agrees(ops::Softmax{1.5f}, {shape}, random);
    expect_agrees(ops::Add{Activation::relu_n1_to_1}, {shape, shape}, random);
    expect_agrees(ops::Add{Activation::relu6}, {shape, {shape.back()}}, random);
    expect_agrees(ops::Mul{Activation::relu}, {shape, {shape.back()}}, random);
    expect_agrees(ops::Sub{Activation::relu_n1_to_1}, {shape, shape}, random);
    expect_agrees(ops::Sub{Activation::relu6}, {{shape.back()}, shape}, random);
  }
}

// Between the ends of the activation the gradient passes, elsewhere it is 0; in bfloat16 too.
TEST(Twins, OfClampsPassGradientsWithinTheirEnds) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
    const std::vector<float> points = {-3.0f, -1.0f, -0.5f, 0.0f, 0.5f, 1.0f, 5.96875f, 6.0f, 9.0f};
    const auto gradient = [&](Activation activation) {
      const torch::Tensor x = torch::tensor(at::ArrayRef<float>(points)).to(type).requires_grad_();
      (3 * ops::activate(x, activation)).sum().backward();
      const torch::Tensor g = x.grad().to(torch::kFloat32);
      return std::vector<float>(g.data_ptr<float>(), g.data_ptr<float>() + g.numel());
    };
    EXPECT_EQ(gradient(Activation::relu6), (std::vector<float>{0, 0, 0, 0, 3, 3, 3, 0, 0}));
    EXPECT_EQ(gradient(Activation::relu_n1_to_1), (std::vector<float>{0, 0, 3, 3, 3, 0, 0, 0, 0}));
  }
}

TEST(Twins, OfPad) {
  Random random(3, "pad");
  expect_agrees(ops::Pad{{0, 1, 2, 0}, {0, 3, 0, 1}, -2.5f}, {{2, 3, 4, 5}}, random);
  expect_agrees(ops::Pad{{1, 2}, {0, 3}}, {{3, 4}}, random);
}

TEST(Twins, OfSplit) {
  Random random(7, "split");
  expect_agrees(ops::Split{3, {1, 3, 1}}, {{2, 3, 4, 5}}, random);
  expect_agrees(ops::Split{1, {2, 2}}, {{3, 4}}, random);
}

TEST(Twins, OfStridedSlice) {
  Random random(5, "strided_slice");
  expect_agrees(ops::StridedSlice{{1, 0, 3, 0}, {2, -1, 2, -1}, {1, 2, -3, 1}}, {{3, 6, 4, 5}},
                random);
  expect_agrees(ops::StridedSlice{{2, 4}, {-1, -1}, {-1, -2}}, {{3, 6}}, random);
  expect_agrees(ops::StridedSlice{{0, 1}, {1, 1}, {1, 1}}, {{3, 6}}, random);
}

// A dimension that is taken whole may have another size than in the Graph: the batch.
TEST(Twins, OfStridedSliceKeepTheBatch) {
  const torch::Tensor x = torch::arange(12, torch::kFloat32).reshape({3, 4});
  const ops::StridedSlice op{{0, 1}, {-1, 2}, {1, 2}};
  const torch::Tensor y = ops::forward(op, std::span(&x, 1), ops::TwinContext{}).at(0);
  EXPECT_TRUE(
      torch::equal(y, torch::tensor({1.0f, 3.0f, 5.0f, 7.0f, 9.0f, 11.0f}).reshape({3, 2})));
}

TEST(Twins, OfTransposeConv) {
  Random random(6, "transpose_conv");
  const ops::TransposeConv cases[] = {
      {},
      {{2, 3}, {}, {1, 2}, Activation::relu},
      {{2, 1}, {1, 0, 2, 1}, {1, 0}},
      {{3, 2}, {0, 2, 1, 1}, {0, 1}, Activation::relu6},
  };
  for (const ops::TransposeConv& op : cases) {
    Graph graph;
    graph.inputs = {add_value(graph, "input", real({2, 4, 5, 3}))};
    std::vector<ValueId> operands = graph.inputs;
    const TensorType weights = real({6, 3, 4, 3}), bias = real({6});
    operands.push_back(add_constant(graph, "weights", weights, random_elements(weights, random)));
    operands.push_back(add_constant(graph, "bias", bias, random_elements(bias, random)));
    graph.outputs = {add_node(graph, op, operands, "node")};
    expect_graph_agrees(op, graph, random);
  }
}

// Output and gradients of the sum of their squares, one after another.
template <class Op>
std::vector<torch::Tensor> results_of(const Op& op, const std::vector<torch::Tensor>& inputs,
                                      bool bf16) {
  for (const torch::Tensor& input : inputs) input.mutable_grad() = torch::Tensor();
  const torch::Tensor output =
      ops::forward(op, inputs, {.training = true, .bf16 = bf16}).at(0).to(torch::kFloat32);
  output.square().sum().backward();
  std::vector<torch::Tensor> results = {output.detach()};
  for (const torch::Tensor& input : inputs) results.push_back(input.grad().clone());
  return results;
}

template <class Op>
void expect_bf16_agrees(const Op& op, const std::vector<std::vector<int64_t>>& sizes) {
  std::vector<torch::Tensor> inputs;
  for (const std::vector<int64_t>& each : sizes)
    inputs.push_back((torch::rand(each) - 0.5).requires_grad_());
  const std::vector<torch::Tensor> exact = results_of(op, inputs, false);
  const std::vector<torch::Tensor> coarse = results_of(op, inputs, true);
  for (size_t i = 0; i < exact.size(); i++) {
    ASSERT_EQ(coarse[i].sizes(), exact[i].sizes());
    const double error = (coarse[i] - exact[i]).norm().item<double>();
    EXPECT_LE(error, 0.02 * exact[i].norm().item<double>()) << "result " << i;
  }
}

// As many channels out as in: operands that are taken for each other's keep their shapes.
TEST(Twins, OfWeightedOperatorsComputeTheSameInBf16) {
  if (!autograd::computes_bf16()) GTEST_SKIP() << "ONEDNN_MAX_CPU_ISA keeps oneDNN from bfloat16";
  torch::manual_seed(1);
  for (const int32_t stride : {1, 2, 3}) {
    SCOPED_TRACE(stride);
    for (const int64_t kernel : {1, 2, 3}) {
      ops::Conv2D conv;
      conv.stride = {stride, stride};
      expect_bf16_agrees(conv, {{2, 7, 6, 4}, {4, kernel, kernel, 4}, {4}});
      conv.padding = {1, 0, 0, 1};
      expect_bf16_agrees(conv, {{2, 7, 6, 4}, {4, kernel, kernel, 4}, {4}});
      ops::DepthwiseConv2D depthwise;
      depthwise.stride = conv.stride;
      expect_bf16_agrees(depthwise, {{2, 7, 6, 4}, {1, kernel, kernel, 4}, {4}});
      ops::TransposeConv transposed;
      transposed.stride = conv.stride;
      expect_bf16_agrees(transposed, {{2, 7, 6, 4}, {4, kernel, kernel, 4}, {4}});
    }
  }
  expect_bf16_agrees(ops::FullyConnected{}, {{5, 4}, {4, 4}, {4}});
}

TEST(Twins, OfBatchNorm) {
  Random random(4, "batch_norm");
  for (const Shape& shape : {Shape{4, 3}, Shape{2, 5, 3}, Shape{2, 4, 5, 3}}) {
    Graph graph;
    graph.inputs = {add_value(graph, "input", real(shape))};
    std::vector<ValueId> operands = graph.inputs;
    for (const char* name : {"gamma", "beta", "mean", "variance"}) {
      std::vector<float> data(3);
      for (float& x : data) x = static_cast<float>(random.uniform(0.2, 2.0));
      operands.push_back(add_constant(graph, name, Shape{3}, data));
    }
    const ops::BatchNorm op{1e-2f};
    graph.outputs = {add_node(graph, op, operands, "node")};
    expect_graph_agrees(op, graph, random);
  }
}

// In training, too, only the batch's own numbers decide, and the moving ones follow by `momentum`.
TEST(Twins, OfBatchNormLearnTheStatistics) {
  const torch::Tensor x = torch::tensor({1.0f, 10.0f, 3.0f, 30.0f}).reshape({2, 2});
  std::vector<torch::Tensor> inputs = {x, torch::ones(2), torch::zeros(2), torch::zeros(2),
                                       torch::ones(2)};
  const ops::BatchNorm op{1e-6f, 0.25f};
  const torch::Tensor y = ops::forward(op, inputs, ops::TwinContext{.training = true}).at(0);
  EXPECT_TRUE(torch::allclose(y, torch::tensor({-1.0f, -1.0f, 1.0f, 1.0f}).reshape({2, 2})));
  EXPECT_TRUE(torch::allclose(inputs[3], torch::tensor({0.5f, 5.0f})));
  EXPECT_TRUE(torch::allclose(inputs[4], torch::tensor({0.75f + 0.5f, 0.75f + 50.0f})));
}

// The attribute's shape is of the Graph's batch, here 1; the tensor has 3 images.
TEST(Twins, OfReshapeKeepTheBatch) {
  const torch::Tensor x = torch::arange(36, torch::kFloat32).reshape({3, 2, 6});
  const auto reshaped = [&](const Shape& shape) {
    return ops::forward(ops::Reshape{shape}, std::span(&x, 1), ops::TwinContext{})
        .at(0)
        .sizes()
        .vec();
  };
  EXPECT_EQ(reshaped({1, 12}), (std::vector<int64_t>{3, 12}));
  EXPECT_EQ(reshaped({-1, 12}), (std::vector<int64_t>{3, 12}));
  EXPECT_EQ(reshaped({1, -1}), (std::vector<int64_t>{3, 12}));
  EXPECT_EQ(reshaped({1, 3, 4}), (std::vector<int64_t>{3, 3, 4}));
  EXPECT_EQ(reshaped({2, 6}), (std::vector<int64_t>{6, 6}));
}

}  // namespace
}  // namespace mote
