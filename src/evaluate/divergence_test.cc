#include "evaluate/divergence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "compress/calibrate/calibrate.h"
#include "compress/quantize/quantize.h"
#include "evaluate/classes.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::evaluate {
namespace {

// x [1, 2] -> dense of weights [1 0; 0 1; 1 1] and that bias [1, 3], and a Softmax of it
Graph three_scores(const std::vector<float>& bias, bool softmax = false) {
  Graph graph;
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, {}});
  graph.inputs = {x};
  const ValueId w = add_constant(graph, "w", Shape{3, 2}, std::vector<float>{1, 0, 0, 1, 1, 1});
  const ValueId b = add_constant(graph, "b", Shape{3}, bias);
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, w, b}, "f")};
  if (softmax) graph.outputs = {add_node(graph, ops::Softmax{}, {graph.outputs[0]}, "s")};
  return graph;
}

datasets::Split samples_of(const std::vector<float>& numbers) {
  datasets::Split split;
  split.images = {DType::float32,
                  {static_cast<int32_t>(numbers.size()) / 2, 2},
                  to_bytes(std::span<const float>(numbers))};
  return split;
}

// Logits are (1, 2, 3) and (2, -1, 1); their first becomes 1.5 more: the second sample's class
// stays, the first one's as well.
TEST(Divergence, IsWhatTheFormulasSay) {
  const datasets::Split samples = samples_of({1, 2, 2, -1});
  const Reference reference(three_scores({0, 0, 0}), samples);
  const Divergence result = reference.of(three_scores({1.5f, 0, 0}));
  double kl = 0;
  for (const std::array<double, 3>& z : {std::array<double, 3>{1, 2, 3}, {2, -1, 1}}) {
    double p = 0, q = 0;
    for (size_t i = 0; i < 3; i++) p += std::exp(z[i]);
    for (size_t i = 0; i < 3; i++) q += std::exp(z[i] + (i == 0 ? 1.5 : 0.0));
    for (size_t i = 0; i < 3; i++) {
      const double share = std::exp(z[i]) / p;
      kl += share * std::log(share / (std::exp(z[i] + (i == 0 ? 1.5 : 0.0)) / q)) / 2;
    }
  }
  EXPECT_NEAR(result.kl, kl, 1e-6);
  EXPECT_EQ(result.agreement, 1);
  EXPECT_NEAR(result.squared_error, 2 * 1.5 * 1.5 / (1 + 4 + 9 + 4 + 1 + 1), 1e-6);
  EXPECT_NEAR(result.sqnr_db(), 10 * std::log10(20 / 4.5), 1e-4);
  EXPECT_EQ(result.loss(), result.kl);
  EXPECT_EQ(reference.of(three_scores({2.5f, 0, 0})).agreement, 0.5);
  EXPECT_EQ(reference.of(three_scores({0, 0, 0})).loss(), 0);
}

TEST(Divergence, LooksAtWhatEntersASoftmaxAndAtIntegersAsReals) {
  const datasets::Split samples = samples_of({1, 2, 2, -1, 0.5f, 0.25f});
  const Reference plain(three_scores({0, 0, 0}), samples);
  const Reference softmax(three_scores({0, 0, 0}, true), samples);
  const double kl = plain.of(three_scores({1, 0, 0})).kl;
  EXPECT_EQ(softmax.of(three_scores({1, 0, 0}, true)).kl, kl);
  Graph graph = three_scores({1, 0, 0}, true);
  compress::calibrate(graph, encode(graph, samples, 0, samples.count()), samples.count());
  const Divergence integers = softmax.of(compress::quantize(graph));
  EXPECT_NE(integers.kl, kl);
  EXPECT_NEAR(integers.kl, kl, 0.02);
}

TEST(Divergence, WithoutClassesSaysTheError) {
  Graph graph = three_scores({0, 0, 0});
  EXPECT_TRUE(scores_classes(graph));
  graph.outputs = {graph.inputs[0]};  // as many numbers as enter it
  EXPECT_FALSE(scores_classes(graph));
  graph.labels = {"a", "b"};
  EXPECT_TRUE(scores_classes(graph));
  EXPECT_THROW(Reference(three_scores({0, 0, 0}), {}), Error);
}

}  // namespace
}  // namespace mote::evaluate
