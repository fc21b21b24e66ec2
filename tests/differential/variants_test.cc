// Every variant of a kernel that this processor can run gives the reference's bytes: nodes of
// seeded odd shapes, whole and row by row, at the ends of zero points, scales and activations; and
// whole networks on the engine that picks the best of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "deploy/devices/device.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "tests/support/dynamic_oracle.h"
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
Graph any_add(DType dtype, Random& random) {
  Shape shape(random.below(4) + 1);
  for (int32_t& size : shape) size = between(random, 1, 12);
  const auto type = [&](float scale) {
    const int32_t zero_point = dtype == DType::int8 ? between(random, -128, 127) : 0;
    return TensorType{dtype, shape, per_tensor(scale, zero_point)};
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
Graph any_integer_graph(const WeightedNode& node, DType type, Random& random) {
  Graph graph = testing::random_graph(node, type, random);
  const auto extreme = [&](Quantization& quantization) {
    if (type == DType::int8 && random.below(3) == 0)
      quantization.zero_point = {random.below(2) ? 127 : -128};
  };
  Quantization& output = *graph.value(graph.outputs[0]).type.quantization;
  extreme(*graph.value(graph.inputs[0]).type.quantization);
  extreme(output);
  if (random.below(4) == 0) output.scale[0] *= random.below(2) ? 0.05f : 40.0f;
  return graph;
}

// As many values, all at the ends of their type; negative ones where `sign` of them is.
template <class T, class Sign>
Bytes at_the_ends(int64_t count, const Sign& sign) {
  std::vector<T> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); i++)
    values[i] = sign(i) ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  return to_bytes(std::span<const T>(values));
}

// Floats now and then with zeros of both signs, infinities and numbers close to them and to zero.
Bytes any_floats(const TensorType& type, Random& random) {
  constexpr float kSpecial[] = {0.0f, -0.0f, 1e-42f, -1e38f, 3e38f, INFINITY};
  Bytes bytes = testing::random_floats(element_count(type.shape), random);
  if (random.below(4) != 0) return bytes;
  for (size_t at = 0; at < bytes.size(); at += sizeof(float) * (1 + random.below(5)))
    std::memcpy(&bytes[at], &kSpecial[random.below(std::size(kSpecial))], sizeof(float));
  return bytes;
}

Bytes any_input(const Graph& graph, Random& random) {
  const TensorType& type = graph.value(graph.inputs[0]).type;
  if (type.dtype == DType::float32) {
    if (testing::has_dynamic_inputs(graph))
      return testing::random_dynamic_input(
          graph, static_cast<size_t>(element_count(type.shape) / type.shape[0]), random);
    return any_floats(type, random);
  }
  if (random.below(4) != 0) return testing::random_input(graph, random);
  const auto sign = [&](size_t) { return random.below(2) == 0; };
  return type.dtype == DType::int8 ? at_the_ends<int8_t>(element_count(type.shape), sign)
                                   : at_the_ends<int16_t>(element_count(type.shape), sign);
}

// Dense layers on inputs that are quantized on the fly, each vector by itself, have no variant.
bool has_variants(const Graph& graph) {
  return !testing::has_dynamic_inputs(graph) ||
         !std::holds_alternative<ops::FullyConnected>(graph.nodes[0].op);
}

Bytes run(const Graph& graph, const std::vector<Bytes>& inputs,
          const testing::RunOptions& options) {
  NodeRun node_run(graph, options);
  EXPECT_EQ(node_run.variant(), has_variants(graph) ? options.variant : "reference");
  for (size_t i = 0; i < inputs.size(); i++) node_run.value(graph.inputs[i]) = inputs[i];
  node_run.run();
  return node_run.value(graph.outputs[0]);
}

struct VariantCase {
  const char* name;
  DType type;            // of activations
  bool dynamic = false;  // float32 ones, quantized on the fly

  std::string text() const {
    return std::string(name) + "_" + (dynamic ? "dynamic" : std::string(name_of(type)));
  }
};

void PrintTo(const VariantCase& c, std::ostream* out) {
  *out << c.text();
}

class Variant : public ::testing::TestWithParam<VariantCase> {
 protected:
  void SetUp() override {
    const auto isa = deploy::host_device().isa;
    if (std::ranges::find(isa, variant()) == isa.end())
      GTEST_SKIP() << "this processor has no " << variant();
  }

  static std::string_view variant() { return GetParam().name; }
  static DType type() { return GetParam().type; }

  static Graph any_graph(const WeightedNode& node, Random& random) {
    if (GetParam().dynamic) return testing::random_dynamic_graph(node, random);
    return type() == DType::float32 ? testing::random_graph(node, type(), random)
                                    : any_integer_graph(node, type(), random);
  }

  static void expect_bytes_of_reference(const Graph& graph, const Bytes& input) {
    const Bytes expected = run(graph, {input}, {});
    ASSERT_EQ(run(graph, {input}, {.variant = variant()}), expected);
    ASSERT_EQ(run(graph, {input}, {.rows_at_once = 1, .variant = variant()}), expected);
    ASSERT_EQ(run(graph, {input}, {.rows_at_once = 3, .variant = variant()}), expected);
  }

  template <class AnyNode>
  static void expect_bytes_of_reference(const AnyNode& any_node, int count) {
    Random random(7, "variants");
    for (int i = 0; i < count; i++) {
      const WeightedNode node = any_node(random);
      SCOPED_TRACE(::testing::Message() << i << ": input " << to_string(node.input) << ", weights "
                                        << to_string(node.weights));
      const Graph graph = any_graph(node, random);
      ASSERT_NO_FATAL_FAILURE(expect_bytes_of_reference(graph, any_input(graph, random)));
    }
  }
};

TEST_P(Variant, OfConv2DIsTheReference) {
  expect_bytes_of_reference(any_conv2d, 400);
}

TEST_P(Variant, OfDepthwiseConv2DIsTheReference) {
  expect_bytes_of_reference(
      [](Random& random) {
        return testing::any_depthwise_conv2d(random, std::max(between(random, -2, 3), 1));
      },
      300);
}

TEST_P(Variant, OfFullyConnectedIsTheReference) {
  expect_bytes_of_reference(any_fully_connected, 200);
}

// Larger than one strip of padded rows, and than what a few tiles cover.
TEST_P(Variant, OfLargeLayersIsTheReference) {
  const Padding same{1, 1, 1, 1};
  const std::vector<WeightedNode> nodes = {
      {ops::Conv2D{{1, 1}, {}, same}, {1, 33, 70, 24}, {20, 3, 3, 24}, 0},
      {ops::Conv2D{{2, 2}, {}, same}, {1, 41, 67, 40}, {9, 3, 3, 40}, 0},
      {ops::Conv2D{}, {2, 25, 31, 64}, {33, 1, 1, 64}, 0},
      {ops::DepthwiseConv2D{{1, 1}, {}, same}, {1, 30, 33, 72}, {1, 3, 3, 72}, 3},
      {ops::FullyConnected{}, {1, 600}, {300, 600}, 0, Activation::none, true}};
  Random random(12, "variants");
  for (const WeightedNode& node : nodes) {
    SCOPED_TRACE(to_string(node.input));
    const Graph graph = any_graph(node, random);
    expect_bytes_of_reference(graph, any_input(graph, random));
  }
}

class IntegerVariant : public Variant {};

// Every product as large as can be, and all of one sign: sums of int16 leave 32 bits.
TEST_P(IntegerVariant, OfTheLargestSumsIsTheReference) {
  Random random(11, "variants");
  for (int32_t taps : {1, 2, 255, 509, 510, 511, 512, 1020, 1021, 3000}) {
    SCOPED_TRACE(taps);
    for (bool negative : {false, true}) {
      const WeightedNode node{ops::FullyConnected{}, {2, taps}, {19, taps}, 0,
                              Activation::none,      true};
      Graph graph = testing::random_graph(node, type(), random);
      graph.nodes[0].inputs.resize(2);  // a bias of 32 bits would forbid sums of more
      const auto sign = [&](size_t) { return negative; };
      Value& weights = graph.value(graph.nodes[0].inputs[1]);
      weights.data = std::make_shared<const Bytes>(
          at_the_ends<int8_t>(element_count(node.weights), [](size_t) { return true; }));
      const Bytes input = type() == DType::int8 ? at_the_ends<int8_t>(2 * taps, sign)
                                                : at_the_ends<int16_t>(2 * taps, sign);
      Quantization& output = *graph.value(graph.outputs[0]).type.quantization;
      output.scale[0] *= static_cast<float>(taps);
      expect_bytes_of_reference(graph, input);
    }
  }
}

// A bias close to the end of 32 bits with a multiplier close to 2^-31: half of what it is divided
// by would not fit beside it.
TEST_P(IntegerVariant, LeavesSumsThatItCannotRescaleToTheReference) {
  const WeightedNode node{ops::FullyConnected{}, {1, 4}, {3, 4}, 0, Activation::none, true};
  Random random(13, "variants");
  for (const auto& [bias, fits] :
       {std::pair{INT32_MAX - (1 << 25), false}, std::pair{-(1 << 30) + (1 << 23), true}}) {
    Graph graph = testing::random_graph(node, type(), random);
    Node& dense = graph.nodes[0];
    dense.inputs.resize(2);
    const std::vector<int32_t> biases = {5, bias, -5};
    dense.inputs.push_back(add_constant(graph, "large", {DType::int32, {3}, {}},
                                        to_bytes(std::span<const int32_t>(biases))));
    Quantization& input = *graph.value(dense.inputs[0]).type.quantization;
    graph.value(dense.inputs[1]).type.quantization = per_tensor(1.0f, 0);
    graph.value(graph.outputs[0]).type.quantization->scale = {input.scale[0] * 0x1.04p31f};
    EXPECT_EQ(NodeRun(graph, {.variant = variant()}).variant(), fits ? variant() : "reference");
  }
}

TEST_P(IntegerVariant, OfAddIsTheReference) {
  Random random(10, "variants");
  for (int i = 0; i < 300; i++) {
    SCOPED_TRACE(i);
    const Graph graph = any_add(type(), random);
    const Bytes a = any_input(graph, random), b = any_input(graph, random);
    const std::vector<Bytes> inputs = {a, b};
    const Bytes expected = run(graph, inputs, {});
    EXPECT_EQ(run(graph, inputs, {.variant = variant()}), expected);
    EXPECT_EQ(run(graph, inputs, {.variant = variant(), .in_place_input = 1}), expected);
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
    ring.variant = variant();
    EXPECT_EQ(run(graph, {input}, ring), run(graph, {input}, {}));
  }
}

TEST_P(IntegerVariant, LeavesSingleRoundingToTheReference) {
  Random random(9, "variants");
  const Graph graph = testing::random_graph(any_conv2d(random), type(), random);
  const NodeRun node_run(graph, {.rounding = MOTE_ROUNDING_SINGLE, .variant = variant()});
  EXPECT_EQ(node_run.variant(), "reference");
}

class FloatVariant : public Variant {};

// Zeros around the image would show where the reference reads none.
TEST_P(FloatVariant, LeavesWeightsThatAreNoNumbersToTheReference) {
  Random random(14, "variants");
  for (const float weight : {INFINITY, -INFINITY, NAN}) {
    Graph graph = any_graph(any_conv2d(random), random);
    Value& weights = graph.value(graph.nodes[0].inputs[1]);
    Bytes bytes = *weights.data;
    std::memcpy(bytes.data(), &weight, sizeof weight);
    weights.data = std::make_shared<const Bytes>(bytes);
    EXPECT_EQ(NodeRun(graph, {.variant = variant()}).variant(), "reference");
  }
}

const auto kIntegers =
    ::testing::Values(VariantCase{"avx2", DType::int8}, VariantCase{"avx512", DType::int8},
                      VariantCase{"avx2", DType::int16}, VariantCase{"avx512", DType::int16});
const auto kFloats =
    ::testing::Values(VariantCase{"avx2", DType::float32}, VariantCase{"avx512", DType::float32});
const auto kDynamic = ::testing::Values(VariantCase{"avx2", DType::float32, true},
                                        VariantCase{"avx512", DType::float32, true});
const auto kText = [](const auto& info) { return info.param.text(); };
INSTANTIATE_TEST_SUITE_P(Integers, Variant, kIntegers, kText);
INSTANTIATE_TEST_SUITE_P(Floats, Variant, kFloats, kText);
INSTANTIATE_TEST_SUITE_P(Dynamic, Variant, kDynamic, kText);
INSTANTIATE_TEST_SUITE_P(, IntegerVariant, kIntegers, kText);
INSTANTIATE_TEST_SUITE_P(, FloatVariant, kFloats, kText);

class Network : public ::testing::TestWithParam<const char*> {};

// With each set of instructions that the processor has, as on a machine that has no more.
TEST_P(Network, HasTheBytesOfTheReferenceInEveryVariant) {
  const std::string models = testing::folder_from("MOTE_MODELS_DIR");
  if (models.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  const Graph graph = formats::read_model(models + "/" + GetParam() + ".tflite");
  const Program reference = testing::lower_for_host(graph);
  const auto bytes = static_cast<size_t>(byte_size(reference.inputs.at(0).type));
  for (const deploy::Device& device : testing::host_devices()) {
    SCOPED_TRACE(device.isa.back());
    const Program native = deploy::lower(graph, device);
    EXPECT_TRUE(device.isa.size() == 1 || std::ranges::any_of(native.calls, [&](const Call& call) {
                  return call.variant == device.isa.back();
                }));
    for (int vector = 0; vector < testing::kGoldenVectors; vector++) {
      const Bytes input = testing::golden_input(vector, bytes);
      EXPECT_EQ(interpret::run(native, {{input}}), interpret::run(reference, {{input}}));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Network,
                         ::testing::Values("resnet8_int8", "resnet8_float", "kws_dscnn_int8",
                                           "sww_int8"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mote
