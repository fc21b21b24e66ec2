#include "compress/train/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace mote::compress {
namespace {

const Shape kBatchImages = {1000, 20, 30, 1};

TEST(EpochSamples, HoldEveryImageOnceAndFollowFromSeedAndEpoch) {
  const TrainOptions options{.flip = true, .crop = 2, .seed = 4};
  const std::vector<Sample> samples = epoch_samples(kBatchImages, options, 3);
  std::set<int32_t> images;
  int mirrored = 0;
  for (const Sample& sample : samples) {
    images.insert(sample.image);
    mirrored += sample.mirrored;
    EXPECT_LE(std::abs(sample.down), 2);
    EXPECT_LE(std::abs(sample.right), 2);
  }
  EXPECT_EQ(images.size(), 1000u);
  EXPECT_NEAR(mirrored, 500, 80);
  EXPECT_EQ(samples, epoch_samples(kBatchImages, options, 3));
  EXPECT_NE(samples, epoch_samples(kBatchImages, options, 4));
  EXPECT_NE(samples, epoch_samples(kBatchImages, {.flip = true, .crop = 2, .seed = 5}, 3));
}

TEST(EpochSamples, AreUnchangedWithoutAugmentation) {
  for (const Sample& sample : epoch_samples({50, 8, 8, 1}, {}, 1))
    EXPECT_EQ(sample, (Sample{sample.image, 0, 0, false}));
}

TEST(EpochSamples, CutHolesWithTheirMiddleAnywhereInTheImage) {
  Hole least{100, 100, 0}, most{-100, -100, 0};
  for (const Sample& sample : epoch_samples(kBatchImages, {.cutout = 8}, 1)) {
    EXPECT_EQ(sample.hole.side, 8);
    least = {std::min(least.top, sample.hole.top), std::min(least.left, sample.hole.left), 0};
    most = {std::max(most.top, sample.hole.top), std::max(most.left, sample.hole.left), 0};
  }
  EXPECT_EQ(least, (Hole{-4, -4, 0}));
  EXPECT_EQ(most, (Hole{19 - 4, 29 - 4, 0}));
}

// Two images of 2x3 pixels, one channel.
datasets::Split two_images() {
  return {{DType::uint8, {2, 2, 3, 1}, {0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6}}, {7, 9}};
}

std::vector<float> inputs_of(const Sample& sample, const Preprocessing& preprocessing = {}) {
  std::vector<float> inputs;
  fill_inputs(two_images(), std::span(&sample, 1), preprocessing, inputs);
  return inputs;
}

TEST(FillInputs, ShiftsAndMirrorsWithZerosAround) {
  EXPECT_EQ(inputs_of({1, 0, 0, false}), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(inputs_of({1, 0, 0, true}), (std::vector<float>{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(inputs_of({1, 1, 0, false}), (std::vector<float>{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(inputs_of({1, -1, 0, false}), (std::vector<float>{4, 5, 6, 0, 0, 0}));
  EXPECT_EQ(inputs_of({1, 0, 1, false}), (std::vector<float>{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(inputs_of({1, 0, 1, true}), (std::vector<float>{0, 3, 2, 0, 6, 5}));
  EXPECT_EQ(inputs_of({1, 0, -2, false}), (std::vector<float>{3, 0, 0, 6, 0, 0}));
}

TEST(EpochSamples, WarpAShareOfTheImages) {
  int warped = 0;
  for (const Sample& sample : epoch_samples(kBatchImages, {.affine = 0.25f}, 1)) {
    if (sample.warp == Warp{}) continue;
    warped++;
    // A turn of 15 degrees, a slant and stretches of 15 % at most: the area changes no more.
    const auto [yy, yx, xy, xx] = sample.warp;
    EXPECT_LT(std::abs(yy * xx - yx * xy - 1), 0.33f);
    EXPECT_LT(std::max(std::abs(yy - 1), std::abs(xx - 1)), 0.25f);
    EXPECT_LT(std::max(std::abs(yx), std::abs(xy)), 0.5f);
  }
  EXPECT_NEAR(warped, 250, 60);
}

// Around the middle of 2x3 pixels, row 0.5 and column 1; between pixels in proportion.
TEST(FillInputs, WarpsAroundTheMiddle) {
  const auto warped = [](const Warp& warp) { return inputs_of({1, 0, 0, false, {}, warp}); };
  EXPECT_EQ(warped({-1, 0, 0, -1}), (std::vector<float>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(warped({1, 0, 0, 0.5f}), (std::vector<float>{1.5f, 2, 2.5f, 4.5f, 5, 5.5f}));
  EXPECT_EQ(warped({0, 0, 0, 1}), (std::vector<float>{2.5f, 3.5f, 4.5f, 2.5f, 3.5f, 4.5f}));
  // Beyond the border are zeros.
  EXPECT_EQ(warped({2, 0, 0, 1}), (std::vector<float>{0.5f, 1, 1.5f, 2, 2.5f, 3}));
  EXPECT_EQ(inputs_of({1, 0, 1, true, {}, {-1, 0, 0, -1}}), (std::vector<float>{0, 4, 5, 0, 1, 2}));
}

TEST(FillInputs, CutsHolesLast) {
  EXPECT_EQ(inputs_of({1, 0, 0, false, {0, 1, 1}}), (std::vector<float>{1, 0, 3, 4, 5, 6}));
  EXPECT_EQ(inputs_of({1, 0, 0, true, {-1, 0, 2}}), (std::vector<float>{0, 0, 1, 6, 5, 4}));
  EXPECT_EQ(inputs_of({1, 1, 0, false, {1, 2, 5}}), (std::vector<float>{0, 0, 0, 1, 2, 0}));
}

TEST(FillInputs, PreprocessesTheBorderToo) {
  EXPECT_EQ(inputs_of({1, 1, 0, false}, {{0.5f}, {-1.0f}}),
            (std::vector<float>{-1, -1, -1, -0.5f, 0, 0.5f}));
}

TEST(FillInputs, ScalesEachChannelByItsOwn) {
  const datasets::Split split{{DType::uint8, {1, 1, 2, 2}, {1, 2, 3, 4}}, {0}};
  std::vector<float> inputs;
  fill_inputs(split, plain_samples(0, 1), {{1.0f, 10.0f}, {0.0f, 5.0f}}, inputs);
  EXPECT_EQ(inputs, (std::vector<float>{1, 25, 3, 45}));
}

TEST(FillInputs, TakesFloats) {
  const std::vector<float> pixels = {0.25f, 0.5f};
  const datasets::Split split{
      {DType::float32, {1, 1, 2, 1}, to_bytes(std::span<const float>(pixels))}, {0}};
  std::vector<float> inputs;
  fill_inputs(split, plain_samples(0, 1), {}, inputs);
  EXPECT_EQ(inputs, pixels);
}

TEST(FillLabels, FollowTheSamples) {
  std::vector<int32_t> labels;
  fill_labels(two_images(), std::vector<Sample>{{1}, {0}, {1}}, labels);
  EXPECT_EQ(labels, (std::vector<int32_t>{9, 7, 9}));
}

}  // namespace
}  // namespace mote::compress
