// pairs.h against plain arithmetic, over the ends of int16 and seeded values.
#include "runtime/pairs.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace mote {
namespace {

std::vector<int32_t> int16_values() {
  std::vector<int32_t> values = {-32768, -32767, -256, -1, 0, 1, 255, 32766, 32767};
  std::mt19937 random(1);
  for (int i = 0; i < 20; i++) values.push_back(static_cast<int16_t>(random()));
  return values;
}

TEST(Pairs, HoldTwoInTheirOrder) {
  for (const int32_t first : int16_values())
    for (const int32_t second : int16_values()) {
      const mote_pair pair = mote_make_pair(first, second);
      EXPECT_EQ(mote_first_of_pair(pair), first);
      EXPECT_EQ(mote_second_of_pair(pair), second);
      int16_t stored[3] = {7, 7, 7};  // the middle one at an odd address of pairs
      mote_store_pair(stored + 1, pair);
      EXPECT_EQ(stored[0], 7);
      EXPECT_EQ(stored[1], first);
      EXPECT_EQ(stored[2], second);
      EXPECT_EQ(mote_load_pair(stored + 1), pair);
    }
}

TEST(Pairs, AddProductsModulo32Bits) {
  const std::vector<int32_t> values = int16_values();
  for (const int32_t a : values)
    for (const int32_t b : values)
      for (const int32_t sum : {INT32_MIN, -1, 0, INT32_MAX}) {
        const int64_t exact = int64_t{sum} + int64_t{a} * b + int64_t{b} * -5;
        EXPECT_EQ(mote_add_products(mote_make_pair(a, b), mote_make_pair(b, -5), sum),
                  static_cast<int32_t>(static_cast<uint64_t>(exact)));
      }
}

TEST(Pairs, AddOneProductModulo32Bits) {
  for (const int32_t a : int16_values())
    for (const int32_t b : int16_values())
      for (const int32_t sum : {INT32_MIN, 0, INT32_MAX}) {
        const auto exact =
            static_cast<int32_t>(static_cast<uint64_t>(int64_t{sum} + int64_t{a} * b));
        EXPECT_EQ(mote_add_first_product(mote_make_pair(a, 9), mote_make_pair(b, 9), sum), exact);
        EXPECT_EQ(mote_add_second_product(mote_make_pair(9, a), mote_make_pair(9, b), sum), exact);
        EXPECT_EQ(mote_add_first_by_second(mote_make_pair(a, 9), mote_make_pair(9, b), sum), exact);
        EXPECT_EQ(mote_add_second_by_first(mote_make_pair(9, a), mote_make_pair(b, 9), sum), exact);
      }
}

TEST(Pairs, WidenFourInTheirOrder) {
  const int8_t bytes[5] = {1, -128, 127, -1, 0};
  for (int at = 0; at < 2; at++) {
    mote_pair pairs[2];
    mote_widen_four(bytes + at, pairs);
    EXPECT_EQ(pairs[0], mote_make_pair(bytes[at], bytes[at + 1]));
    EXPECT_EQ(pairs[1], mote_make_pair(bytes[at + 2], bytes[at + 3]));
    mote_split_four(bytes + at, &pairs[0], &pairs[1]);
    EXPECT_EQ(pairs[0], mote_make_pair(bytes[at], bytes[at + 2]));
    EXPECT_EQ(pairs[1], mote_make_pair(bytes[at + 1], bytes[at + 3]));
    EXPECT_EQ(mote_firsts_of_pairs(pairs[0], pairs[1]), mote_make_pair(bytes[at], bytes[at + 1]));
    EXPECT_EQ(mote_seconds_of_pairs(pairs[0], pairs[1]),
              mote_make_pair(bytes[at + 2], bytes[at + 3]));
    EXPECT_FALSE(mote_four_are_zero(bytes + at));
  }
  for (int at = 0; at < 4; at++) {
    int8_t four[4] = {};
    EXPECT_TRUE(mote_four_are_zero(four));
    four[at] = -128;
    EXPECT_FALSE(mote_four_are_zero(four));
  }
}

}  // namespace
}  // namespace mote
