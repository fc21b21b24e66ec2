#include "base/random.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace mote {
namespace {

// From the authors' C code: splitmix64 seeded with 1234567, and xoshiro256** from the state 1, 2,
// 3, 4.
TEST(Random, EqualsTheAlgorithmsPublishedNumbers) {
  EXPECT_EQ(Random(1234567).state()[0], 6457827717110365317u);
  EXPECT_EQ(Random(1234567).state()[1], 3203168211198807973u);
  Random random(1);
  random.restore({1, 2, 3, 4});
  for (uint64_t expected : {11520ull, 0ull, 1509978240ull, 1215971899390074240ull})
    EXPECT_EQ(random.next(), expected);
}

TEST(Random, PurposesAreIndependent) {
  EXPECT_NE(Random(1, "train").next(), Random(1, "test").next());
  EXPECT_NE(Random(1, "train").next(), Random(2, "train").next());
  EXPECT_EQ(Random(1, "train").next(), Random(1, "train").next());
}

TEST(Random, BelowReachesEveryValueAndNoOther) {
  Random random(1);
  std::vector<int> seen(7);
  for (int i = 0; i < 7000; i++) seen.at(random.below(7))++;
  for (int count : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(1);
  double sum = 0, squares = 0;
  for (int i = 0; i < 20000; i++) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.05);
}

TEST(Random, ShuffleIsAPermutationThatTheSeedDetermines) {
  std::vector<int> first(100), second(100);
  std::iota(first.begin(), first.end(), 0);
  second = first;
  const std::vector<int> original = first;
  Random(3).shuffle(std::span(first));
  Random(3).shuffle(std::span(second));
  EXPECT_EQ(first, second);
  EXPECT_NE(first, original);
  std::ranges::sort(first);
  EXPECT_EQ(first, original);
}

}  // namespace
}  // namespace mote
