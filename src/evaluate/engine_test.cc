#include "evaluate/engine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "compress/quantize/quantize.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::evaluate {
namespace {

constexpr int32_t kSamples = 5;

std::vector<Bytes> random_images(const Graph& graph) {
  Random random(3);
  std::vector<float> pixels;
  const int64_t count = kSamples * element_count(graph.value(graph.inputs[0]).type.shape);
  for (int64_t i = 0; i < count; i++) pixels.push_back(static_cast<float>(random.below(256)));
  return {to_bytes(std::span<const float>(pixels))};
}

Graph network() {
  zoo::Options options;
  options.input = {28, 28, 1};
  Graph graph = zoo::build("zoo:custom?width=0.5", options);
  passes::optimize(graph);
  return graph;
}

TEST(Engine, ReferenceAndNativeAgreeByteForByteOnAnyNumberOfThreads) {
  const Graph graph = network();
  const std::vector<Bytes> images = random_images(graph);
  const auto expected = make_engine("reference", graph, {.threads = 1})->run(images, kSamples);
  EXPECT_EQ(make_engine("reference", graph, {.threads = 3})->run(images, kSamples), expected);
  EXPECT_EQ(make_engine("native", graph)->run(images, kSamples), expected);
}

TEST(Engine, FloatAgreesWithReferenceWithinItsTolerance) {
  const Graph graph = network();
  const std::vector<Bytes> images = random_images(graph);
  const Bytes ours = make_engine("reference", graph)->run(images, kSamples).at(0);
  const Bytes theirs = make_engine("float", graph)->run(images, kSamples).at(0);
  ASSERT_EQ(ours.size(), theirs.size());
  for (size_t i = 0; i < ours.size() / sizeof(float); i++)
    EXPECT_NEAR(reinterpret_cast<const float*>(ours.data())[i],
                reinterpret_cast<const float*>(theirs.data())[i], 1e-5);
}

TEST(Engine, FloatRefusesWhatIsNotAllFloat) {
  EXPECT_THROW(
      make_engine("float", compress::quantize(network(), {.scheme = Scheme::dynamic_range})),
      Error);
}

TEST(Engine, RefusesWhatItCannotDo) {
  const Graph graph = network();
  EXPECT_THROW(make_engine("fpga", graph), Error);
  EXPECT_THROW(make_engine("native", graph, {.rounding = MOTE_ROUNDING_SINGLE}), Error);
  EXPECT_THROW(make_engine("reference", graph)->run({Bytes(3)}, 1), Error);
}

}  // namespace
}  // namespace mote::evaluate
