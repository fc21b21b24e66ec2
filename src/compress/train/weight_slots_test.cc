#include "compress/train/weight_slots.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ir/text.h"

namespace mote::compress {
namespace {

TEST(WeightSlots, KeepWeightsWithinTheirIntegers) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 1]
  w: float32[2, 2] {scale: [0.5, 2], axis: 0, bits: 3} = [1.25, -1.75, -7, 5]
  b: float32[2] = [9, -9]
  v: float32[1, 2] {scale: 0.25, zero_point: 0, bits: 2} = [0.1, -7]
h: float32[1, 2] = FullyConnected(x, w, b)
y: float32[1, 1] = FullyConnected(h, v, _)
  n: float32[1, 1] {scale: 1, zero_point: 0, bits: 2} = [4]
  c: float32[1] = [1]
s: float32[1, 1] = FullyConnected(y, n, _)
z: float32[1, 1] = BatchNorm(s, c, c, c, c)
output z
)",
                            {});
  const autograd::Parameters parameters = autograd::parameters_of(graph);
  const std::vector<WeightSlot> slots = weight_slots(graph, parameters);
  ASSERT_EQ(slots.size(), 3u);
  std::vector<float> values = parameters.values;
  keep_in_range(slots, values);
  const auto at = [&](size_t offset, size_t count) {
    const auto begin = values.begin() + static_cast<int64_t>(offset);
    return std::vector<float>(begin, begin + static_cast<int64_t>(count));
  };
  EXPECT_EQ(slots[0].bits, 3);
  EXPECT_EQ(at(slots[0].offset, slots[0].count), (std::vector<float>{1.25f, -1.5f, -6, 5}));
  EXPECT_EQ(at(slots[0].scales, 2), (std::vector<float>{0.5f, 2}));
  EXPECT_EQ(slots[1].axis, -1);
  EXPECT_EQ(at(slots[1].offset, slots[1].count), (std::vector<float>{0.1f, -0.25f}));
  EXPECT_TRUE(slots[2].normalized);
  EXPECT_EQ(at(slots[2].offset, slots[2].count), (std::vector<float>{4}));
  const auto bias =
      std::ranges::find(parameters.slots, graph.nodes[0].inputs[2], &autograd::Slot::value);
  EXPECT_EQ(at(bias->offset, 2), (std::vector<float>{9, -9}));
}

}  // namespace
}  // namespace mote::compress
