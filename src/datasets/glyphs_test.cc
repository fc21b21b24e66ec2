#include "datasets/glyphs.h"
#include "base/zip.h"

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace mote::datasets {
namespace {

std::set<std::string> images_of(const Split& split) {
  std::set<std::string> images;
  for (size_t at = 0; at < split.images.data.size(); at += 784)
    images.emplace(reinterpret_cast<const char*>(&split.images.data[at]), 784);
  return images;
}

TEST(Glyphs, IsASyntheticSetOfTheStatedSize) {
  const Dataset glyphs = make_glyphs(1);
  EXPECT_EQ(glyphs.train.images.shape, (Shape{12000, 28, 28, 1}));
  EXPECT_EQ(glyphs.test.images.shape, (Shape{2000, 28, 28, 1}));
  EXPECT_TRUE(glyphs.synthetic);
  EXPECT_EQ(glyphs.classes(), 10);
  for (int digit = 0; digit < 10; digit++)
    EXPECT_NEAR(std::ranges::count(glyphs.train.labels, digit), 1200, 120) << digit;
}

// The bytes are part of the contract: figures on glyphs are quoted, and must hold on every machine.
TEST(Glyphs, SeedOneHasTheseBytesOnEveryMachine) {
  const Dataset glyphs = make_glyphs(1);
  EXPECT_EQ(crc32_of(glyphs.train.images.data), 2903106566u);
  EXPECT_EQ(crc32_of(glyphs.test.images.data), 3524600967u);
}

TEST(Glyphs, NoTestImageIsInTheTrainingSplitOfAnySeed) {
  const std::set<std::string> test = images_of(make_glyphs(1).test);
  EXPECT_EQ(test.size(), 2000u);
  for (uint64_t seed : {1, 2})
    for (const std::string& image : images_of(make_glyphs(seed).train))
      ASSERT_FALSE(test.contains(image));
}

}  // namespace
}  // namespace mote::datasets
