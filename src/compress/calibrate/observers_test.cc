#include "compress/calibrate/observers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace mote::compress {
namespace {

// Bins of one each.
Histogram integers() {
  return Histogram({0.0f, 2048.0f});
}

TEST(Observers, HistogramsCountZerosApartAndTheEndWithTheLastBin) {
  Histogram histogram = integers();
  histogram.add(std::vector<float>{0.0f, 0.0f, 0.5f, 1.0f, 2048.0f});
  EXPECT_EQ(histogram.zeros, 2);
  EXPECT_EQ(histogram.counts[0], 1);
  EXPECT_EQ(histogram.counts[1], 1);
  EXPECT_EQ(histogram.counts[2047], 1);
  EXPECT_EQ(histogram.center(0), 0.5);
  EXPECT_EQ(Histogram({3.0f, 4.0f}).range.min, 0.0f);
}

// Of 1000 numbers 1 % are 10: those of 1000, 500 and 8 times 100.
TEST(Observers, PercentilesLeaveTheirShareBeyond) {
  Histogram histogram = integers();
  histogram.add(std::vector<float>(900, 0.0f));
  histogram.add(std::vector<float>(90, 7.0f));
  histogram.add(std::vector<float>(8, 100.0f));
  histogram.add(std::vector<float>{500.0f, 1000.0f});
  EXPECT_EQ(percentile_range(histogram, 100).max, 1001.0f);
  EXPECT_EQ(percentile_range(histogram, 99.85).max, 501.0f);
  EXPECT_EQ(percentile_range(histogram, 99.5).max, 101.0f);
  EXPECT_EQ(percentile_range(histogram, 99).max, 8.0f);
  EXPECT_EQ(percentile_range(histogram, 99).min, 0.0f);
}

TEST(Observers, PercentilesCutBothEnds) {
  Histogram histogram({-1024.0f, 1024.0f});
  for (int32_t i = 0; i < 98; i++) histogram.add(std::vector<float>{i % 2 == 0 ? 9.5f : -9.5f});
  histogram.add(std::vector<float>{1000.0f, -1000.0f});
  const RealRange range = percentile_range(histogram, 99);
  EXPECT_EQ(range.min, -10.0f);
  EXPECT_EQ(range.max, 10.0f);
}

// Three levels, 0, t / 2 and t, of 4000 numbers of 1023.5 and one of 2047.5: the error within is
// 4001 t^2 / 48, of which a t of 2048 makes far more than one of 1024 with 1023.5^2 beyond. The
// least of 4001 t^2 / 48 + (2047.5 - t)^2, t >= 1023.5, is at its left end.
TEST(Observers, MseClipsARareLargeNumber) {
  Histogram histogram = integers();
  histogram.add(std::vector<float>(4000, 1023.5f));
  histogram.add(std::vector<float>{2047.5f});
  double best = 0, least = HUGE_VAL;
  for (int32_t share = 100; share >= 20; share -= 2) {
    const double t = 20.48 * share;
    const double inside = t >= 2047.5 ? 4001 : t >= 1023.5 ? 4000 : 0;
    const double beyond = (4000 - std::min(inside, 4000.0)) * std::pow(1023.5 - t, 2) +
                          (t < 2047.5 ? std::pow(2047.5 - t, 2) : 0);
    const double error = inside * std::pow(t / 2, 2) / 12 + beyond;
    if (error < least) {
      least = error;
      best = t;
    }
  }
  EXPECT_LT(best, 1100);
  EXPECT_NEAR(static_cast<double>(mse_range(histogram, 3).max), best, 0.01);
}

TEST(Observers, MseKeepsAnEvenDistribution) {
  Histogram histogram({-1024.0f, 1024.0f});
  for (int32_t i = -1024; i < 1024; i++)
    histogram.add(std::vector<float>{static_cast<float>(i) + 0.5f});
  const RealRange range = mse_range(histogram, 256);
  EXPECT_EQ(range.min, -1024.0f);
  EXPECT_EQ(range.max, 1024.0f);
}

// As many levels as bins tell everything apart: nothing is gained by clipping. Of few levels, a
// rare tail goes.
TEST(Observers, KlClipsOnlyWhereLevelsAreFew) {
  Random random(5, "observers");
  Histogram histogram = integers();
  for (int32_t i = 0; i < 20000; i++)
    histogram.add(std::vector<float>{static_cast<float>(-80 * std::log(1 - random.uniform(0, 1)))});
  EXPECT_EQ(kl_range(histogram, 1 << 16).max, 2048.0f);
  const float few = kl_range(histogram, 16).max;
  EXPECT_LT(few, 1000.0f);
  EXPECT_GT(few, 80.0f);
}

}  // namespace
}  // namespace mote::compress
