#include "compress/calibrate/observers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mote::compress {
namespace {

constexpr std::string_view kObservers[] = {"min_max", "percentile", "mse", "kl"};

// Shares of an end that are tried, in hundredths.
constexpr int32_t kAll = 100, kLeast = 20, kStep = 2;

float part_of(float end, int32_t share) {
  return end * static_cast<float>(share) / static_cast<float>(kAll);
}

// Sums of the counts, of the numbers and of their squares in the bins before each.
struct Sums {
  explicit Sums(const Histogram& histogram) {
    for (size_t bin = 0; bin < Histogram::kBins; bin++) {
      const auto n = static_cast<double>(histogram.counts[bin]);
      const double x = histogram.center(bin);
      count.push_back(count.back() + n);
      first.push_back(first.back() + n * x);
      second.push_back(second.back() + n * x * x);
    }
  }
  // sum of (x - end)^2 over the bins [begin, end_bin)
  double squares(size_t begin, size_t end_bin, double end) const {
    return second[end_bin] - second[begin] - 2 * end * (first[end_bin] - first[begin]) +
           end * end * (count[end_bin] - count[begin]);
  }
  std::vector<double> count{0.0}, first{0.0}, second{0.0};
};

// The bins whose centers lie within a range: [first, last).
struct Bins {
  Bins(const Histogram& histogram, RealRange within) {
    while (first < last && histogram.center(first) < static_cast<double>(within.min)) first++;
    while (last > first && histogram.center(last - 1) > static_cast<double>(within.max)) last--;
  }
  size_t first = 0;
  size_t last = Histogram::kBins;
};

double divergence(const std::vector<double>& p, const std::vector<double>& q) {
  double sum_p = 0, sum_q = 0, sum = 0;
  for (const double each : p) sum_p += each;
  for (const double each : q) sum_q += each;
  for (size_t i = 0; i < p.size(); i++) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    sum += p[i] / sum_p * std::log(p[i] / sum_p * sum_q / q[i]);
  }
  return sum;
}

// P and Q of a range (kl_range).
double divergence_within(const Histogram& histogram, const Bins& bins, int32_t levels) {
  const std::vector<int64_t>& counts = histogram.counts;
  std::vector<double> p(counts.begin() + static_cast<int64_t>(bins.first),
                        counts.begin() + static_cast<int64_t>(bins.last));
  if (p.empty()) return std::numeric_limits<double>::infinity();
  const std::vector<double> within = p;
  for (size_t bin = 0; bin < bins.first; bin++) p.front() += static_cast<double>(counts[bin]);
  for (size_t bin = bins.last; bin < counts.size(); bin++)
    p.back() += static_cast<double>(counts[bin]);
  std::vector<double> q(p.size(), 0.0);
  const auto parts = std::min(static_cast<size_t>(levels), p.size());
  for (size_t part = 0; part < parts; part++) {
    const size_t begin = part * p.size() / parts, end = (part + 1) * p.size() / parts;
    double mass = 0, filled = 0;
    for (size_t i = begin; i < end; i++) {
      mass += within[i];
      if (p[i] > 0) filled++;
    }
    for (size_t i = begin; i < end; i++)
      if (p[i] > 0) q[i] = mass / filled;
  }
  return divergence(p, q);
}

}  // namespace

template <>
std::span<const std::string_view> choices<Observer>() {
  return kObservers;
}

Histogram::Histogram(RealRange seen) : range{std::min(seen.min, 0.0f), std::max(seen.max, 0.0f)} {}

void Histogram::add(std::span<const float> numbers) {
  const double width = static_cast<double>(range.max) - static_cast<double>(range.min);
  for (const float number : numbers) {
    if (number == 0.0f) {
      zeros++;
      continue;
    }
    const double place = (static_cast<double>(number) - static_cast<double>(range.min)) / width;
    const auto bin = static_cast<size_t>(place * static_cast<double>(kBins));
    counts[std::min(bin, kBins - 1)]++;
  }
}

double Histogram::center(size_t bin) const {
  const double width = static_cast<double>(range.max) - static_cast<double>(range.min);
  return static_cast<double>(range.min) +
         (static_cast<double>(bin) + 0.5) / static_cast<double>(kBins) * width;
}

RealRange percentile_range(const Histogram& histogram, double percentile) {
  double all = static_cast<double>(histogram.zeros);
  for (const int64_t count : histogram.counts) all += static_cast<double>(count);
  const double most = all * (100 - percentile) / 100;
  size_t first = 0, last = Histogram::kBins;
  double below = 0, above = 0;
  for (; first < last; first++)
    if ((below += static_cast<double>(histogram.counts[first])) > most) break;
  for (; last > first; last--)
    if ((above += static_cast<double>(histogram.counts[last - 1])) > most) break;
  const double width =
      (static_cast<double>(histogram.range.max) - static_cast<double>(histogram.range.min)) /
      static_cast<double>(Histogram::kBins);
  const auto edge = [&](size_t bin) {
    return static_cast<float>(static_cast<double>(histogram.range.min) +
                              static_cast<double>(bin) * width);
  };
  return {std::min(edge(first), 0.0f), std::max(edge(last), 0.0f)};
}

RealRange mse_range(const Histogram& histogram, int32_t levels) {
  const Sums sums(histogram);
  RealRange best = histogram.range;
  double least = std::numeric_limits<double>::infinity();
  for (int32_t low = kAll; low >= kLeast; low -= kStep) {
    if (low < kAll && histogram.range.min == 0) break;
    for (int32_t high = kAll; high >= kLeast; high -= kStep) {
      if (high < kAll && histogram.range.max == 0) break;
      const RealRange range{part_of(histogram.range.min, low), part_of(histogram.range.max, high)};
      const double min = static_cast<double>(range.min), max = static_cast<double>(range.max);
      const Bins bins(histogram, range);
      const double width = (max - min) / (levels - 1);
      const double error = (sums.count[bins.last] - sums.count[bins.first]) * width * width / 12 +
                           sums.squares(0, bins.first, min) +
                           sums.squares(bins.last, Histogram::kBins, max);
      if (error >= least) continue;
      least = error;
      best = range;
    }
  }
  return best;
}

RealRange kl_range(const Histogram& histogram, int32_t levels) {
  RealRange best = histogram.range;
  double least = std::numeric_limits<double>::infinity();
  for (int32_t share = kAll; share >= kLeast; share -= kStep) {
    const RealRange range{part_of(histogram.range.min, share), part_of(histogram.range.max, share)};
    const double error = divergence_within(histogram, Bins(histogram, range), levels);
    if (error >= least) continue;
    least = error;
    best = range;
  }
  return best;
}

}  // namespace mote::compress
