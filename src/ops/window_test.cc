#include "ops/window.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote {
namespace {

TEST(Window, CountsItsPositions) {
  EXPECT_EQ(window_positions({1, 5, 7, 3}, {3, 3}, {1, 1}, {1, 1}, {}), (Size2D{3, 5}));
  EXPECT_EQ(window_positions({1, 5, 7, 3}, {3, 3}, {2, 3}, {2, 1}, {1, 0, 0, 1}), (Size2D{1, 2}));
  EXPECT_EQ(window_positions({1, 1, 1, 1}, {2, 2}, {1, 1}, {1, 1}, {0, 1, 1, 0}), (Size2D{1, 1}));
}

TEST(Window, RefusesWhatDoesNotSlide) {
  const auto positions = [](Size2D window, Size2D stride, Size2D dilation, Padding padding) {
    return window_positions({1, 5, 7, 3}, window, stride, dilation, padding);
  };
  EXPECT_THROW(positions({6, 1}, {}, {}, {}), Error);
  EXPECT_THROW(positions({2, 1}, {}, {5, 1}, {}), Error);
  EXPECT_THROW(positions({1, 1}, {0, 1}, {}, {}), Error);
  EXPECT_THROW(positions({1, 1}, {}, {1, -1}, {}), Error);
  EXPECT_THROW(positions({1, 1}, {}, {}, {-1, 0, 0, 0}), Error);
  EXPECT_THROW(positions({1, 1}, {}, {}, {0, 0, 0, INT32_MAX}), Error);
  EXPECT_THROW(image_size({5, 7, 3}), Error);
}

}  // namespace
}  // namespace mote
