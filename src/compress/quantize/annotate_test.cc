#include "compress/quantize/annotate.h"

#include <gtest/gtest.h>

#include "ir/node.h"
#include "ir/text.h"

namespace mote::compress {
namespace {

// Two layers of the same weights, and a constant that is an activation.
Graph shared_weights() {
  return parse(R"(graph g
input x: float32[1, 2] {scale: 0.1, zero_point: 0}
  w: float32[2, 2] = [0.3, -1.5, 0.7, 0.1]
h: float32[1, 2] {scale: 0.1, zero_point: 0} = FullyConnected(x, w, _)
  b: float32[2] {scale: 0.1, zero_point: 0} = [1, 2]
s: float32[1, 2] {scale: 0.1, zero_point: 0} = Add(h, b)
y: float32[1, 2] {scale: 0.1, zero_point: 0} = FullyConnected(s, w, _)
output y
)",
               {});
}

TEST(AnnotatedWeights, HaveBitsAndScalesOfTheirLayer) {
  const Graph graph = shared_weights();
  EXPECT_TRUE(is_annotated(graph));
  EXPECT_FALSE(has_annotated_weights(graph));
  const Graph annotated = with_annotated_weights(graph, {.weight_bits = 2, .last_bits = 8});
  EXPECT_TRUE(has_annotated_weights(annotated));
  const Value& first = annotated.value(annotated.nodes[0].inputs[1]);
  const Value& last = annotated.value(annotated.nodes[2].inputs[1]);
  EXPECT_EQ(first.type.quantization, per_channel({1.5f, 0.7f}, 0, 2));
  EXPECT_EQ(last.type.quantization, per_channel({1.5f / 127, 0.7f / 127}, 0, 8));
  EXPECT_EQ(float_data(first), float_data(graph.value(graph.nodes[0].inputs[1])));
  EXPECT_EQ(with_annotated_weights(annotated, {.weight_bits = 4}), annotated);
}

TEST(AnnotatedWeights, MayHaveOneScale) {
  const Graph graph = with_annotated_weights(
      shared_weights(), {.weight_bits = 3, .granularity = Granularity::per_tensor});
  for (const size_t node : {0, 2})
    EXPECT_EQ(graph.value(graph.nodes[node].inputs[1]).type.quantization, per_tensor(0.5f, 0, 3));
}

TEST(AnnotatedWeights, AFloatGraphHasNone) {
  Graph graph = shared_weights();
  for (Value& value : graph.values) value.type.quantization.reset();
  EXPECT_FALSE(is_annotated(graph));
}

}  // namespace
}  // namespace mote::compress
