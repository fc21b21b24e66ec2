#include "compress/agreement.h"

#include <gtest/gtest.h>

#include "compress/quantize/quantize.h"
#include "ir/node.h"
#include "ir/text.h"

namespace mote::compress {
namespace {

// Says which of two pixels is brighter.
Graph brighter() {
  return parse(R"(graph g
input x: float32[1, 1, 1, 2] {scale: 1, zero_point: -128}
f: float32[1, 2] {scale: 1, zero_point: -128} = Reshape(x) {shape: [1, 2]}
  w: float32[2, 2] {scale: [1, 1], axis: 0, bits: 2} = [1, -1, -1, 1]
y: float32[1, 2] {scale: 2, zero_point: 0} = FullyConnected(f, w, _)
output y
)",
               {});
}

TEST(Agreement, CountsSamplesOfTheSameClass) {
  Bytes pixels;
  for (int32_t i = 0; i < 100; i++) {
    pixels.push_back(static_cast<uint8_t>(2 * i));
    pixels.push_back(static_cast<uint8_t>(100));
  }
  const datasets::Split samples{{DType::uint8, {100, 1, 1, 2}, pixels}, {}};
  const Graph trained = brighter();
  const Graph integers = quantize(trained, {.weight_bits = 2});
  const Agreement all = agreement_of(trained, integers, samples);
  EXPECT_EQ(all.samples, 100);
  EXPECT_EQ(all.same, 100);
  EXPECT_TRUE(all.holds());

  Graph other = trained;  // says the opposite: they agree only where both pixels are the same
  Value& weights = other.value(other.nodes[1].inputs[1]);
  const std::vector<float> opposite = {-1, 1, 1, -1};
  weights.data = std::make_shared<const Bytes>(to_bytes(std::span(opposite)));
  const Agreement one = agreement_of(other, integers, samples);
  EXPECT_EQ(one.same, 1);
  EXPECT_FALSE(one.holds());
}

TEST(Agreement, HoldsFor999Of1000) {
  EXPECT_TRUE((Agreement{.same = 3996, .samples = 4000}.holds()));
  EXPECT_FALSE((Agreement{.same = 3995, .samples = 4000}.holds()));
}

}  // namespace
}  // namespace mote::compress
