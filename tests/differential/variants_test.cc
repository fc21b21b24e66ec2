// Every variant of a kernel that this processor can run gives the reference's bytes: nodes of
// seeded odd shapes, whole and row by row, at the ends of zero points, scales and activations; and
// whole networks on the engine that picks the best of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "deploy/devices/device.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "tests/support/golden.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"
#include "tests/support/weighted_nodes.h"

namespace mote {
namespace {

using testing::any_activation;
using testing::any_conv2d;
using testing::any_fully_connected;
using testing::between;
using testing::NodeRun;
using testing::WeightedNode;

// One image of rows without broadcast, in shapes of all ranks and lengths of tails.
Graph any_add(Random& random) {
  Shape shape(random.below(4) + 1);
  for (int32_t& size : shape) size = between(random, 1, 9);
  const auto type = [&](float scale) {
    return TensorType{DType::int8, shape, per_tensor(scale, between(random, -128, 127))};
  };
  const auto scale = [&] { return static_cast<float>(std::exp(random.uniform(-4, 0))); };
  Graph graph;
  graph.inputs = {add_value(graph, "a", type(scale())), add_value(graph, "b", type(scale()))};
  graph.outputs = {
      add_node(graph, ops::Add{.activation = any_activation(random)}, graph.inputs, "node")};
  graph.value(graph.outputs[0]).type = type(scale());
  return graph;
}

// Now and then zero points and values at their ends, and an output scale that saturates.
Graph any_graph(const WeightedNode& node, Random& random) {
  Graph graph = testing::random_graph(node, DType::int8, random);
  const auto extreme = [&](Quantization& quantization) {
    if (random.below(3) == 0) quantization.zero_point = {random.below(2) ? 127 : -128};
  };
  Quantization& output = *graph.value(graph.outputs[0]).type.quantization;
  extreme(*graph.value(graph.inputs[0]).type.quantization);
  extreme(output);
  if (random.below(4) == 0) output.scale[0] *= random.below(2) ? 0.05f : 40.0f;
  return graph;
}

Bytes any_input(const Graph& graph, Random& random) {
  const int64_t count = element_count(graph.value(graph.inputs[0]).type.shape);
  if (random.below(4) != 0) return testing::random_input(graph, random);
  Bytes bytes(static_cast<size_t>(count));
  for (uint8_t& byte : bytes) byte = random.below(2) ? 0x80 : 0x7F;
  return bytes;
}

Bytes run(const Graph& graph, const std::vector<Bytes>& inputs,
          const testing::RunOptions& options) {
  NodeRun node_run(graph, options);
  EXPECT_EQ(node_run.variant(), options.variant);
  for (size_t i = 0; i < inputs.size(); i++) node_run.value(graph.inputs[i]) = inputs[i];
  node_run.run();
  return node_run.value(graph.outputs[0]);
}

class Variant : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto isa = deploy::host_device().isa;
    if (std::ranges::find(isa, GetParam()) == isa.end())
      GTEST_SKIP() << "this processor has no " << GetParam();
  }

  template <class AnyNode>
  static void expect_bytes_of_reference(const AnyNode& any_node, int count) {
    Random random(7, "variants");
    for (int i = 0; i < count; i++) {
      const WeightedNode node = any_node(random);
      SCOPED_TRACE(::testing::Message() << i << ": input " << to_string(node.input) << ", weights "
                                        << to_string(node.weights));
      const Graph graph = any_graph(node, random);
      const Bytes input = any_input(graph, random);
      const Bytes expected = run(graph, {input}, {});
      ASSERT_EQ(run(graph, {input}, {.variant = GetParam()}), expected);
      ASSERT_EQ(run(graph, {input}, {.rows_at_once = 1, .variant = GetParam()}), expected);
    }
  }
};

TEST_P(Variant, OfConv2DIsTheReference) {
  expect_bytes_of_reference(any_conv2d, 400);
}

TEST_P(Variant, OfDepthwiseConv2DIsTheReference) {
  expect_bytes_of_reference([](Random& random) { return testing::any_depthwise_conv2d(random); },
                            200);
}

TEST_P(Variant, OfFullyConnectedIsTheReference) {
  expect_bytes_of_reference(any_fully_connected, 200);
}

TEST_P(Variant, OfAddIsTheReference) {
  Random random(10, "variants");
  for (int i = 0; i < 300; i++) {
    SCOPED_TRACE(i);
    const Graph graph = any_add(random);
    const Bytes a = testing::random_input(graph, random), b = testing::random_input(graph, random);
    const std::vector<Bytes> inputs = {a, b};
    const Bytes expected = run(graph, inputs, {});
    EXPECT_EQ(run(graph, inputs, {.variant = GetParam()}), expected);
    EXPECT_EQ(run(graph, inputs, {.variant = GetParam(), .in_place_input = 1}), expected);
  }
}

TEST_P(Variant, ReadsItsInputFromARing) {
  Random random(8, "variants");
  for (int i = 0; i < 40; i++) {
    SCOPED_TRACE(i);
    WeightedNode node = any_conv2d(random);
    node.input[0] = 1;
    const auto& conv = std::get<ops::Conv2D>(node.op);
    const Graph graph = any_graph(node, random);
    const Bytes input = any_input(graph, random);
    testing::RunOptions ring =
        testing::window_ring(node, conv.stride.height, conv.dilation.height, conv.padding.top);
    ring.variant = GetParam();
    EXPECT_EQ(run(graph, {input}, ring), run(graph, {input}, {}));
  }
}

TEST_P(Variant, LeavesSingleRoundingToTheReference) {
  Random random(9, "variants");
  const Graph graph = testing::random_graph(any_conv2d(random), DType::int8, random);
  const NodeRun node_run(graph, {.rounding = MOTE_ROUNDING_SINGLE, .variant = GetParam()});
  EXPECT_EQ(node_run.variant(), "reference");
}

INSTANTIATE_TEST_SUITE_P(, Variant, ::testing::Values("avx2", "avx512"),
                         [](const auto& info) { return info.param; });

class Network : public ::testing::TestWithParam<const char*> {};

// With each set of instructions that the processor has, as on a machine that has no more.
TEST_P(Network, HasTheBytesOfTheReferenceInEveryVariant) {
  const std::string models = testing::folder_from("MOTE_MODELS_DIR");
  if (models.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  const Graph graph = formats::read_model(models + "/" + GetParam() + ".tflite");
  const Program reference = testing::lower_for_host(graph);
  const auto bytes = static_cast<size_t>(byte_size(reference.inputs.at(0).type));
  deploy::Device device = deploy::host_device();
  for (; device.isa.size() > 1; device.isa.pop_back()) {
    SCOPED_TRACE(device.isa.back());
    const Program native = deploy::lower(graph, device);
    EXPECT_TRUE(std::ranges::any_of(
        native.calls, [&](const Call& call) { return call.variant == device.isa.back(); }));
    for (int vector = 0; vector < testing::kGoldenVectors; vector++) {
      const Bytes input = testing::golden_input(vector, bytes);
      EXPECT_EQ(interpret::run(native, {{input}}), interpret::run(reference, {{input}}));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Network, ::testing::Values("resnet8_int8", "kws_dscnn_int8", "sww_int8"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mote
