// What the cases of eliminate_dead_channels_test.txt do not show: real networks, drawn ones, and
// sums that nothing proves.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "formats/model_file.h"
#include "interpret/interpreter.h"
#include "ir/text.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "tests/support/lower_for_host.h"
#include "tests/support/real_files.h"
#include "tests/support/small_graphs.h"
#include "tests/support/sparse_network.h"

namespace mote::passes {
namespace {

using namespace mote::testing;

// ---- real networks

struct Size {
  int64_t weights = 0;  // elements of kernels
  int64_t macs = 0;

  bool operator==(const Size&) const = default;
};

Size size_of_layers(const Graph& graph) {
  Size size;
  for (const Node& node : graph.nodes) {
    std::vector<TensorType> inputs, outputs;
    for (const ValueId id : node.inputs)
      inputs.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
    for (const ValueId id : node.outputs) outputs.push_back(graph.value(id).type);
    size.macs += op_def(node.op).cost(node.op, inputs, outputs).macs;
    for (size_t i = 0; i < inputs.size(); i++)
      if (op_def(node.op).channels(node.op, inputs, outputs, {i, 0}).kind ==
          Channels::Kind::weights)
        size.weights += element_count(inputs[i].shape);
  }
  return size;
}

class RealModels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (folder_from("MOTE_MODELS_DIR").empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is not set";
  }
  static Graph model(const std::string& name) {
    return formats::read_model(folder_from("MOTE_MODELS_DIR") + "/" + name + ".tflite");
  }
};

// In the network that recognizes persons, folded batch norms have left 1,716 of 2,738 channels
// dead. The limits are what two programs that are not ours came to.
TEST_F(RealModels, LoseTheDeadChannelsOfTheVisualWakeWords) {
  const Graph before = model("vww96_int8");
  EXPECT_EQ(size_of_layers(before), (Size{208112, 7489664}));
  Graph after = before;
  EXPECT_TRUE(eliminate_dead_channels(after));
  verify(after, Level::quantized);
  const Size size = size_of_layers(after);
  EXPECT_LE(size.weights, 29286);
  EXPECT_LE(size.macs, 3733073);
  Graph twice = after;
  EXPECT_FALSE(eliminate_dead_channels(twice));
  EXPECT_EQ(twice, after);

  Random random(1, "vww");
  for (const deploy::Variants variants : {deploy::Variants::best, deploy::Variants::reference}) {
    const Program original = deploy::lower(before, deploy::host_device(), {.variants = variants});
    const Program reduced = deploy::lower(after, deploy::host_device(), {.variants = variants});
    for (int i = 0; i < 1000; i++) {
      const std::vector<Bytes> inputs = {random_input(before, random)};
      ASSERT_EQ(interpret::run(reduced, inputs), interpret::run(original, inputs)) << i;
    }
  }
}

TEST_F(RealModels, KeepChannelsThatAreAllAlive) {
  for (const char* name : {"resnet8_int8", "kws_dscnn_int8", "resnet8_float", "kws_dscnn_hybrid"}) {
    const Graph before = model(name);
    Graph after = before;
    EXPECT_FALSE(eliminate_dead_channels(after)) << name;
    EXPECT_FALSE(eliminate_dead_float_channels(after)) << name;
    EXPECT_EQ(after, before) << name;
  }
}

// ---- drawn networks, most of whose weights are zero

// What nobody can lower nobody can run: nothing.
std::optional<std::vector<Bytes>> results(const Graph& graph, const std::vector<Bytes>& inputs,
                                          mote_rounding rounding, deploy::Variants variants) {
  std::optional<Program> program;
  try {
    program =
        deploy::lower(graph, deploy::host_device(), {.variants = variants, .rounding = rounding});
  } catch (const Error& error) {
    if (error.kind != ErrorKind::unsupported) throw;
    return std::nullopt;
  }
  return interpret::run(*program, inputs);
}

struct Tried {
  int networks = 0;
  int64_t channels = 0;
  int64_t removed = 0;
};

void expect_same_bytes(const Graph& before, const Graph& after, Random& random) {
  using deploy::Variants;
  for (int i = 0; i < 6; i++) {
    const std::vector<Bytes> inputs = {extreme_input(before, i, random)};
    for (const mote_rounding rounding : {MOTE_ROUNDING_DOUBLE, MOTE_ROUNDING_SINGLE})
      ASSERT_EQ(results(after, inputs, rounding, Variants::reference),
                results(before, inputs, rounding, Variants::reference));
    ASSERT_EQ(results(after, inputs, MOTE_ROUNDING_DOUBLE, Variants::best),
              results(before, inputs, MOTE_ROUNDING_DOUBLE, Variants::best));
  }
}

void expect_close(const Graph& before, const Graph& after, Random& random) {
  for (int i = 0; i < 3; i++) {
    const std::vector<Bytes> inputs = {extreme_input(before, i, random)};
    const auto numbers = [&](const Graph& graph) {
      return elements_of<float>(
          results(graph, inputs, MOTE_ROUNDING_DOUBLE, deploy::Variants::reference)->at(0));
    };
    const std::vector<float> expected = numbers(before), actual = numbers(after);
    float largest = 1.0f;
    for (const float x : expected) largest = std::max(largest, std::abs(x));
    for (size_t e = 0; e < expected.size(); e++)
      ASSERT_NEAR(actual[e], expected[e], 1e-4f * largest);
  }
}

Tried try_networks(DType type, int count) {
  Tried tried;
  for (int seed = 0; seed < count; seed++) {
    Random random(static_cast<uint64_t>(seed), fmt::format("sparse {}", name_of(type)));
    const Graph before = sparse_network(type, random);
    SCOPED_TRACE(fmt::format("seed {}:\n{}", seed, print(before, INT64_MAX).text));
    const std::vector<Bytes> inputs = {extreme_input(before, 0, random)};
    if (!results(before, inputs, MOTE_ROUNDING_DOUBLE, deploy::Variants::reference)) continue;
    const Pass pass = type == DType::float32
                          ? Pass{"floats", Kind::float_equivalent, eliminate_dead_float_channels}
                          : Pass{"integers", Kind::exact, eliminate_dead_channels};
    Graph after = before;
    const bool changed = run(pass, after).changed;
    EXPECT_EQ(changed, !(after == before));
    verify(after, Level::quantized);
    type == DType::float32 ? expect_close(before, after, random)
                           : expect_same_bytes(before, after, random);
    Graph twice = after;
    EXPECT_FALSE(run(pass, twice).changed);
    tried.networks++;
    tried.channels += channels_of(before);
    tried.removed += channels_of(before) - channels_of(after);
    if (::testing::Test::HasFailure()) break;
  }
  return tried;
}

void expect_much_tried(const Tried& tried, int networks) {
  EXPECT_GT(tried.networks, networks);
  EXPECT_GT(tried.removed * 5, tried.channels);
}

TEST(DeadChannels, OfDrawnNetworksOfInt8ChangeNoByte) {
  expect_much_tried(try_networks(DType::int8, 400), 300);
}

TEST(DeadChannels, OfDrawnNetworksOfInt16ChangeNoByte) {
  expect_much_tried(try_networks(DType::int16, 250), 180);
}

TEST(DeadChannels, OfDrawnNetworksOfFloatsChangeNothingMuch) {
  expect_much_tried(try_networks(DType::float32, 200), 180);
}

// ---- sums that nothing proves

// `lower` refuses such a layer, and the pass neither knows what its zeros make nor adds to its
// bias.
TEST(DeadChannels, StayWhereSumsMayLeaveTheirBits) {
  const std::string text = R"(graph g
input x: int8[1, 1] {{scale: 0.5, zero_point: 1}}
  v: int8[2, 1] {{scale: 1}} = [10, 0]
  a/bias: int32[2] = [1, 200]
a: int8[1, 2] {{scale: 4, zero_point: 2}} = FullyConnected(x, v, a/bias)
  w: int8[1, 2] {{scale: 0.25}} = [10, 20]
  y/bias: int32[1] = [{}]
y: int8[1, 1] {{scale: 64, zero_point: 3}} = FullyConnected(a, w, y/bias)
output y
)";
  // a is -128 to 127 less 2, which may make 10 * -130 + 20 * 50 and more of it.
  Graph proven = parse(fmt::format(fmt::runtime(text), 2147483647 - 30 * 130), {});
  EXPECT_NO_THROW(lower_for_host(proven));
  EXPECT_TRUE(eliminate_dead_channels(proven));
  EXPECT_NO_THROW(lower_for_host(proven));
  Graph unproven = parse(fmt::format(fmt::runtime(text), 2147483647 - 100), {});
  EXPECT_THROW(lower_for_host(unproven), Error);
  EXPECT_FALSE(eliminate_dead_channels(unproven));
}

}  // namespace
}  // namespace mote::passes
