#include "ops/lowering.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

std::array<int32_t, 3> rows(const Shape& shape) {
  const Rows found = rows_of(shape);
  return {found.images, found.rows, found.row_elements};
}

std::array<int32_t, 4> extent(const Shape& shape) {
  const Extent found = extent_of(shape);
  return {found.images, found.height, found.width, found.channels};
}

TEST(RowsOf, SeesEveryRankAsImagesOfRows) {
  EXPECT_EQ(rows({}), (std::array{1, 1, 1}));
  EXPECT_EQ(rows({5}), (std::array{1, 1, 5}));
  EXPECT_EQ(rows({2, 5}), (std::array{2, 1, 5}));
  EXPECT_EQ(rows({2, 3, 5}), (std::array{2, 3, 5}));
  EXPECT_EQ(rows({2, 3, 4, 5}), (std::array{2, 3, 20}));
  EXPECT_EQ(rows({2, 3, 4, 5, 6}), (std::array{2, 3, 120}));
}

TEST(RowsOf, SplitsRowsIntoColumnsAndChannels) {
  EXPECT_EQ(extent({}), (std::array{1, 1, 1, 1}));
  EXPECT_EQ(extent({5}), (std::array{1, 1, 1, 5}));
  EXPECT_EQ(extent({2, 5}), (std::array{2, 1, 1, 5}));
  EXPECT_EQ(extent({2, 3, 5}), (std::array{2, 3, 1, 5}));
  EXPECT_EQ(extent({2, 3, 4, 5}), (std::array{2, 3, 4, 5}));
  EXPECT_EQ(extent({2, 3, 4, 5, 6}), (std::array{2, 3, 20, 6}));
}

TEST(RowsOf, RefusesTensorsWhoseBytesLeave32Bits) {
  EXPECT_THROW(rows_of({1, 1, 65536, 65536}), Error);
  EXPECT_THROW(rows_of({1 << 29}), Error);
  EXPECT_NO_THROW(rows_of({(1 << 29) - 1}));
}

}  // namespace
}  // namespace mote
