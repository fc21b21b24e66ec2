#include "compress/search/mixed_bits.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "evaluate/inspection.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/layered_graph.h"

namespace mote::compress {
namespace {

constexpr int32_t kImages = 24;

class Mixed : public ::testing::Test {
 protected:
  Mixed() : inputs_(evaluate::encode(graph_, split_, 0, kImages)), reference_(graph_, split_, 2) {
    calibrate(graph_, inputs_, kImages);
  }

  Graph of(double constants,
           QuantizeOptions options = {.rounding = Rounding::gptq, .bias_correction = true}) {
    options.constants = constants;
    return quantize_with_mixed_bits(graph_, options, {inputs_, kImages}, reference_, found_);
  }
  int64_t plain_bytes() { return evaluate::inspect(quantize(graph_)).constant_bytes; }

  Graph graph_ = testing::layered_graph();
  datasets::Split split_ = testing::layered_samples(kImages, 3);
  std::vector<Bytes> inputs_;
  evaluate::Reference reference_;
  MixedBits found_;
};

// By node of a quantized graph, without those that have no weights.
std::vector<int32_t> weight_bits_in(const Graph& graph) {
  std::vector<int32_t> bits;
  for (const Node& node : graph.nodes)
    if (node.inputs.size() > 1) bits.push_back(graph.value(node.inputs[1]).type.quantization->bits);
  return bits;
}

TEST_F(Mixed, TheResultFitsAndIsWhatWasMeasured) {
  const Graph graph = of(0.7);
  verify(graph, Level::quantized);
  EXPECT_EQ(found_.uniform_bytes, plain_bytes());
  EXPECT_EQ(found_.budget_bytes, plain_bytes() * 7 / 10);
  const BitsTrial& best = found_.tried.at(0);
  EXPECT_EQ(evaluate::inspect(graph).constant_bytes, best.constant_bytes);
  EXPECT_LE(best.constant_bytes, found_.budget_bytes);
  EXPECT_EQ(reference_.of(graph).kl, best.divergence.kl);
  EXPECT_EQ(weight_bits_in(graph), best.bits);
  EXPECT_EQ(found_.tried.size(), 8u);
  for (const BitsTrial& trial : found_.tried) {
    if (trial.constant_bytes > found_.budget_bytes) continue;
    EXPECT_GE(trial.divergence.kl, best.divergence.kl);
  }
  EXPECT_EQ(json_of(found_).at("bits"), best.bits);
  EXPECT_EQ(json_of(found_).at("sensitivity").size(), 4u * 7);
}

TEST_F(Mixed, CountsConstantsAsTheyArePreferred) {
  const Graph graph = of(0.7, {.prefer = deploy::Preference::flash});
  const auto bytes = [](const Graph& of) {
    return evaluate::inspect(of, evaluate::Passes::all, deploy::Preference::flash).constant_bytes;
  };
  EXPECT_EQ(found_.uniform_bytes, bytes(quantize(graph_)));
  EXPECT_EQ(found_.tried.at(0).constant_bytes, bytes(graph));
}

TEST_F(Mixed, TheFrontFallsAndHasTheResult) {
  of(0.7);
  const std::vector<BitsTrial>& front = found_.front;
  ASSERT_GE(front.size(), 2u);
  for (size_t i = 1; i < front.size(); i++) {
    EXPECT_GT(front[i].constant_bytes, front[i - 1].constant_bytes);
    EXPECT_LT(front[i].divergence.kl, front[i - 1].divergence.kl);
  }
}

TEST_F(Mixed, TheSameTwice) {
  const Graph first = of(0.7);
  const Json json = json_of(found_);
  EXPECT_EQ(of(0.7), first);
  EXPECT_EQ(json_of(found_), json);
  EXPECT_EQ(of(static_cast<double>(found_.budget_bytes)), first);
}

TEST_F(Mixed, WhatIsSaidStays) {
  const std::vector<int32_t> bits =
      weight_bits_in(of(0.8, {.first_bits = 6, .layer_bits = {{"f5", 3}}}));
  EXPECT_EQ(bits.at(0), 6);
  EXPECT_EQ(bits.at(3), 3);
}

TEST_F(Mixed, ABudgetTooSmallNamesTheLeast) {
  try {
    of(100);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::over_budget);
    EXPECT_NE(error.message.find("100 bytes"), std::string::npos);
    const size_t at = error.hint.find("are ");
    ASSERT_NE(at, std::string::npos) << error.hint;
    const int64_t least = std::stoll(error.hint.substr(at + 4));
    EXPECT_GT(least, 100);
    EXPECT_LE(evaluate::inspect(of(static_cast<double>(least) * 1.05)).constant_bytes,
              static_cast<int64_t>(static_cast<double>(least) * 1.05));
  }
}

// x [1, 256] -> two dense layers [1, 8] of the same sizes whose sum is the output: one is a
// thousand times smaller than the other. Bits go to the one that matters. Activations of 16 bits,
// whose own noise does not.
TEST(MixedBits, BitsGoWhereTheyMatter) {
  Random random(5);
  Graph graph;
  graph.name = "sum";
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 256}, {}});
  graph.inputs = {x};
  const auto dense = [&](double reach, const std::string& name) {
    const ValueId w = add_constant(graph, name + "/w", Shape{8, 256},
                                   testing::uniform_floats(random, 2048, -reach, reach));
    return add_node(graph, ops::FullyConnected{}, {x, w}, name);
  };
  const ValueId large = dense(1, "large"), small = dense(1e-3, "small");
  graph.outputs = {add_node(graph, ops::Add{}, {large, small}, "sum")};
  datasets::Split split;
  split.images = {DType::float32, {32, 256}, {}};
  split.images.data =
      to_bytes(std::span<const float>(testing::uniform_floats(random, 32 * 256, -1, 1)));
  const std::vector<Bytes> inputs = evaluate::encode(graph, split, 0, 32);
  const evaluate::Reference reference(graph, split, 1);
  calibrate(graph, inputs, 32, {.scheme = Scheme::int16x8});
  MixedBits found;
  QuantizeOptions options{.scheme = Scheme::int16x8};
  options.constants = 0.65;
  const Graph result = quantize_with_mixed_bits(graph, options, {inputs, 32}, reference, found);
  const std::vector<int32_t> bits = found.tried.at(0).bits;
  EXPECT_GE(bits.at(0), bits.at(1) + 2);
  // Of all pairs of bits whose constants fit none is better.
  size_t fitting = 0;
  for (int32_t first = 2; first <= 8; first++)
    for (int32_t second = 2; second <= 8; second++) {
      const Graph other = quantize(
          graph, {.scheme = Scheme::int16x8, .layer_bits = {{"large", first}, {"small", second}}});
      if (evaluate::inspect(other).constant_bytes > found.budget_bytes) continue;
      fitting++;
      EXPECT_GE(reference.of(other).kl, reference.of(result).kl) << first << " " << second;
    }
  EXPECT_GT(fitting, 5u);
  EXPECT_LT(fitting, 44u);
}

}  // namespace
}  // namespace mote::compress
