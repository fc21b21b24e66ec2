// The order of an epoch's images and what is done to each, and the one loop that turns pixels into
// a network's input. Tested by batches_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compress/train/train.h"
#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

// Zeros in an image, which they may stick out of.
struct Hole {
  int16_t top = 0;
  int16_t left = 0;
  int16_t side = 0;

  bool operator==(const Hole&) const = default;
};

// Turns, stretches and slants an image around its middle: what is d from there comes from the map
// times d, between pixels from the four around it.
struct Warp {
  float yy = 1, yx = 0, xy = 0, xx = 1;

  bool operator==(const Warp&) const = default;
};

// One image of a batch: which, and how it is mirrored, warped, shifted and then cut.
struct Sample {
  int32_t image = 0;
  int8_t down = 0;
  int8_t right = 0;
  bool mirrored = false;
  Hole hole{};
  Warp warp{};

  bool operator==(const Sample&) const = default;
};

// Every image of [N, H, W, C] once, in an order and with changes that follow from seed and epoch
// alone.
std::vector<Sample> epoch_samples(const Shape& images, const TrainOptions& options, int32_t epoch);
// The images [begin, end) as they are.
std::vector<Sample> plain_samples(int32_t begin, int32_t end);

// Of the graph's first input, [1, H, W, C]. Throws Error{usage} for a network that takes no images.
const Shape& image_shape(const Graph& graph);
// Of the graph's first input; the identity where it says nothing.
Preprocessing preprocessing_of(const Graph& graph);

// The samples' pixels as the graph's input, [samples, H, W, C]: preprocessed, zeros shifted in.
void fill_inputs(const datasets::Split& split, std::span<const Sample> samples,
                 const Preprocessing& preprocessing, std::vector<float>& inputs);
void fill_labels(const datasets::Split& split, std::span<const Sample> samples,
                 std::vector<int32_t>& labels);

}  // namespace mote::compress
