// What variants leave to the reference, and that whole networks on the engine that picks the best
// of them give the reference's bytes. That each gives them by itself is in rows_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "deploy/devices/device.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/node.h"
#include "tests/support/golden.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"
#include "tests/support/weighted_nodes.h"

namespace mote {
namespace {

using testing::NodeRun;
using testing::WeightedNode;

// Whether the variants of the graph's one kernel that rescale in vectors take it: all, or none.
void expect_taken(const Graph& graph, bool taken, mote_rounding rounding = MOTE_ROUNDING_DOUBLE) {
  const std::string_view name = NodeRun(graph, {}).kernel().name;
  for (const Kernel& kernel : kernels()) {
    if (kernel.name != name || kernel.weights != Weights::rearranged) continue;
    const NodeRun run(graph, {.rounding = rounding, .variant = kernel.variant});
    EXPECT_EQ(run.variant() == kernel.variant, taken) << kernel.function;
  }
}

// A bias close to the end of 32 bits with a multiplier close to 2^-31: half of what it is divided
// by would not fit beside it.
TEST(Variants, LeaveSumsThatTheyCannotRescaleToTheReference) {
  const WeightedNode node{ops::FullyConnected{}, {1, 4}, {3, 4}, 0, Activation::none, true};
  Random random(13, "variants");
  for (const DType type : {DType::int8, DType::int16})
    for (const auto& [bias, fits] :
         {std::pair{INT32_MAX - (1 << 25), false}, std::pair{-(1 << 30) + (1 << 23), true}}) {
      Graph graph = testing::random_graph(node, type, random);
      Node& dense = graph.nodes[0];
      dense.inputs.resize(2);
      const std::vector<int32_t> biases = {5, bias, -5};
      dense.inputs.push_back(add_constant(graph, "large", {DType::int32, {3}, {}},
                                          to_bytes(std::span<const int32_t>(biases))));
      Quantization& input = *graph.value(dense.inputs[0]).type.quantization;
      graph.value(dense.inputs[1]).type.quantization = per_tensor(1.0f, 0);
      graph.value(graph.outputs[0]).type.quantization->scale = {input.scale[0] * 0x1.04p31f};
      expect_taken(graph, fits);
    }
}

TEST(Variants, LeaveSingleRoundingToTheReference) {
  Random random(9, "variants");
  for (const DType type : {DType::int8, DType::int16})
    expect_taken(testing::random_graph(testing::any_conv2d(random), type, random), false,
                 MOTE_ROUNDING_SINGLE);
}

// Zeros around the image would show where the reference reads none.
TEST(Variants, LeaveWeightsThatAreNoNumbersToTheReference) {
  Random random(14, "variants");
  for (const float weight : {INFINITY, -INFINITY, NAN}) {
    Graph graph = testing::random_graph(testing::any_conv2d(random), DType::float32, random);
    Value& weights = graph.value(graph.nodes[0].inputs[1]);
    Bytes bytes = *weights.data;
    std::memcpy(bytes.data(), &weight, sizeof weight);
    weights.data = std::make_shared<const Bytes>(bytes);
    expect_taken(graph, false);
  }
}

class Network : public ::testing::TestWithParam<const char*> {};

// With each set of instructions that the processor has, as on a machine that has no more.
TEST_P(Network, HasTheBytesOfTheReferenceInEveryVariant) {
  const std::string models = testing::folder_from("MOTE_MODELS_DIR");
  if (models.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  const Graph graph = formats::read_model(models + "/" + GetParam() + ".tflite");
  const Program reference = testing::lower_for_host(graph);
  const TensorType& type = reference.inputs.at(0).type;
  Random random(15, "variants");
  // Reals that are numbers: which NaN comes of several, nobody promises.
  const auto input_of = [&](int vector) {
    if (type.dtype == DType::float32) return testing::random_elements(type, random);
    return testing::golden_input(vector, static_cast<size_t>(byte_size(type)));
  };
  for (const deploy::Device& device : testing::host_devices()) {
    SCOPED_TRACE(device.isa.back());
    const Program native = deploy::lower(graph, device);
    EXPECT_TRUE(device.isa.size() == 1 || std::ranges::any_of(native.calls, [&](const Call& call) {
                  return call.variant == device.isa.back();
                }));
    for (int vector = 0; vector < testing::kGoldenVectors; vector++) {
      const Bytes input = input_of(vector);
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
