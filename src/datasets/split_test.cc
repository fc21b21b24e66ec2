#include "datasets/split.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace mote::datasets {
namespace {

// Image i is the two bytes (i, 100 + i), its label i.
Split numbered(int count) {
  Split split{{DType::uint8, {count, 1, 2, 1}, {}}, {}};
  for (int i = 0; i < count; i++) {
    split.images.data.push_back(static_cast<uint8_t>(i));
    split.images.data.push_back(static_cast<uint8_t>(100 + i));
    split.labels.push_back(i);
  }
  return split;
}

void expect_images_follow_labels(const Split& split) {
  ASSERT_EQ(split.labels.size(), static_cast<size_t>(split.count()));
  for (size_t i = 0; i < split.labels.size(); i++) {
    EXPECT_EQ(split.images.data[2 * i], split.labels[i]);
    EXPECT_EQ(split.images.data[2 * i + 1], 100 + split.labels[i]);
  }
}

TEST(Split, CutPartsAreDisjointCompleteAndInOrder) {
  Split rest = numbered(50);
  const Split part = cut(rest, 0.3, 1, "validation");
  EXPECT_EQ(part.count(), 15);
  EXPECT_EQ(rest.count(), 35);
  for (const Split& split : {part, rest}) {
    expect_images_follow_labels(split);
    EXPECT_TRUE(std::ranges::is_sorted(split.labels));
  }
  std::set<int32_t> all(part.labels.begin(), part.labels.end());
  all.insert(rest.labels.begin(), rest.labels.end());
  EXPECT_EQ(all.size(), 50u);
}

TEST(Split, SeedDeterminesTheCut) {
  const auto part = [](uint64_t seed) {
    Split rest = numbered(50);
    return cut(rest, 0.3, seed, "validation").labels;
  };
  EXPECT_EQ(part(1), part(1));
  EXPECT_NE(part(1), part(2));
}

TEST(Split, SelectKeepsImagesWithTheirLabels) {
  const Split chosen = select(numbered(10), std::vector<int32_t>{7, 3, 3});
  EXPECT_EQ(chosen.labels, (std::vector<int32_t>{7, 3, 3}));
  expect_images_follow_labels(chosen);
}

TEST(Split, UnlabelledStaysUnlabelled) {
  Split split = numbered(10);
  split.labels.clear();
  EXPECT_TRUE(cut(split, 0.5, 1, "validation").labels.empty());
  EXPECT_EQ(split.count(), 5);
}

}  // namespace
}  // namespace mote::datasets
