// Observers: which range an activation gets, of what it was on the samples. Clipping the largest
// numbers makes the steps of all others finer. Tested by observers_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compress/choices.h"
#include "ir/types.h"

namespace mote::compress {

enum class Observer : uint8_t {
  min_max,     // the smallest and the largest number seen
  percentile,  // so that a share of the numbers lies beyond each end
  mse,         // of the least squared error
  kl,          // of the least Kullback-Leibler divergence of the histograms (Migacz, 2017)
};
template <>
std::span<const std::string_view> choices<Observer>();

// How often an activation was in each of the equal parts of its range. Exact zeros, which every
// quantization keeps, are counted apart.
struct Histogram {
  static constexpr size_t kBins = 2048;

  explicit Histogram(RealRange seen);
  // Numbers within the range.
  void add(std::span<const float> numbers);
  double center(size_t bin) const;

  RealRange range;  // extended to hold 0
  std::vector<int64_t> counts = std::vector<int64_t>(kBins, 0);
  int64_t zeros = 0;
};

// At most (100 - percentile) % of the numbers lie above the result, and as many below; in whole
// bins. It holds 0.
RealRange percentile_range(const Histogram& histogram, double percentile);

// Of the shares 1.00, 0.98, .. 0.20 of each end, independent of each other, the pair that makes the
// squared error least: width^2 / 12 for each number within, where `levels` integers have that
// width between them, and the square of the distance for each beyond.
RealRange mse_range(const Histogram& histogram, int32_t levels);

// Of the same shares, one for both ends, the one that makes sum P log(P / Q) least. P: the
// histogram within, the numbers beyond in its last bins. Q: the histogram within without these,
// its mass in each of `levels` parts spread evenly over those of their bins that P has numbers in.
RealRange kl_range(const Histogram& histogram, int32_t levels);

}  // namespace mote::compress
