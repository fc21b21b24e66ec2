#include "evaluate/layout.h"

#include <numeric>

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::evaluate {
namespace {

TEST(Layout, ShapesThatGoTogether) {
  const std::pair<Shape, Shape> same[] = {
      {{1, 8, 8, 3}, {8, 8, 3}},      // equal
      {{1, 28, 28, 1}, {28, 28}},     // but for 1s
      {{1, 28, 28, 1}, {1, 28, 28}},  // of one channel first and last are the same
      {{1, 49, 10}, {49, 10, 1}},     // as data sets have it
      {{1, 8, 8, 3}, {192}},          // flat samples
      {{1, 784}, {28, 28, 1}},        // a flat input
      {{1, 3, 3, 3}, {3, 3, 3}},      // both would fit
      {{49, 10}, {49, 10}},           // a model without a batch
  };
  for (const auto& [input, sample] : same)
    EXPECT_EQ(layout_of(input, sample), Layout::same) << to_string(input) << to_string(sample);
  const std::pair<Shape, Shape> first[] = {
      {{1, 8, 8, 3}, {3, 8, 8}}, {{1, 6, 8, 3}, {3, 6, 8}}, {{1, 1, 8, 3}, {3, 1, 8}}};
  for (const auto& [input, sample] : first)
    EXPECT_EQ(layout_of(input, sample), Layout::channels_first) << to_string(sample);
}

TEST(Layout, AsManyElementsAreNotEnough) {
  const std::pair<Shape, Shape> apart[] = {
      {{1, 8, 8, 3}, {8, 3, 8}},   {{1, 6, 8, 3}, {8, 6, 3}},     {{1, 6, 8, 3}, {3, 8, 6}},
      {{1, 8, 8, 3}, {12, 16, 1}}, {{1, 20, 30, 1}, {30, 20, 1}}, {{1, 8, 8, 3}, {191}},
      {{4, 8, 8, 3}, {3, 8, 8}},   {{1, 28, 30}, {30, 28}},
  };
  for (const auto& [input, sample] : apart)
    EXPECT_EQ(layout_of(input, sample), std::nullopt) << to_string(input) << to_string(sample);
}

TEST(Layout, ABatchIsWithOrWithoutItsN) {
  const Shape input = {1, 2, 2, 3};
  const auto count = [&](const Shape& array) {
    const auto batch = batch_of(input, array);
    return batch ? batch->count : 0;
  };
  EXPECT_EQ(count({1, 2, 2, 3}), 1);
  EXPECT_EQ(count({5, 2, 2, 3}), 5);
  EXPECT_EQ(count({2, 2, 3}), 1);
  EXPECT_EQ(count({5, 12}), 5);
  EXPECT_EQ(count({12}), 1);
  EXPECT_EQ(count({5, 3, 2, 2}), 5);
  EXPECT_EQ(batch_of(input, {5, 3, 2, 2})->layout, Layout::channels_first);
  EXPECT_EQ(batch_of(input, {3, 2, 2})->layout, Layout::channels_first);
  EXPECT_EQ(count({5, 2, 3, 2}), 0);
  EXPECT_EQ(batch_of({4, 2}, {4, 2})->count, 1);  // a model's own batch
}

// Sample, channel, row and column as the digits of each element.
TEST(Layout, ChannelsFirstAreTransposed) {
  Array samples{DType::int16, {2, 3, 2, 2}, {}};
  std::vector<int16_t> given, expected;
  for (int n = 1; n <= 2; n++)
    for (int c = 1; c <= 3; c++)
      for (int y = 1; y <= 2; y++)
        for (int x = 1; x <= 2; x++)
          given.push_back(static_cast<int16_t>(n * 1000 + c * 100 + y * 10 + x));
  for (int n = 1; n <= 2; n++)
    for (int y = 1; y <= 2; y++)
      for (int x = 1; x <= 2; x++)
        for (int c = 1; c <= 3; c++)
          expected.push_back(static_cast<int16_t>(n * 1000 + c * 100 + y * 10 + x));
  samples.data = to_bytes(std::span<const int16_t>(given));
  const Array turned = arranged({1, 2, 2, 3}, samples, Layout::channels_first);
  EXPECT_EQ(turned.shape, (Shape{2, 2, 2, 3}));
  EXPECT_EQ(turned.data, to_bytes(std::span<const int16_t>(expected)));
  samples.shape = {2, 12};
  EXPECT_EQ(arranged({1, 2, 2, 3}, samples, Layout::same),
            (Array{DType::int16, {2, 2, 2, 3}, samples.data}));
}

TEST(Layout, TheErrorNamesBothShapes) {
  Graph graph;
  graph.name = std::string("m");
  graph.inputs = {add_value(graph, "x", {DType::float32, {1, 8, 8, 3}, {}})};
  try {
    layout_of(graph, 0, {DType::uint8, {10, 12, 16, 1}, Bytes(1920)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.message.find("[1, 8, 8, 3]"), std::string::npos) << error.message;
    EXPECT_NE(error.message.find("[1, 12, 16, 1]"), std::string::npos) << error.message;
    EXPECT_EQ(error.where, "m: input 'x'");
  }
}

}  // namespace
}  // namespace mote::evaluate
