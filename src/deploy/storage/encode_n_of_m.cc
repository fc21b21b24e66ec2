// Of every M neighbours N, as few as the fullest M has: the places of the N, then their values
// (runtime/walk_n_of_m.h). M is the power of two that makes this smallest.
#include <algorithm>

#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

constexpr int32_t kMostPlaceBits = 4;

int32_t nonzeros(const int8_t* group, int32_t m) {
  return static_cast<int32_t>(m - std::count(group, group + m, 0));
}

struct Pattern {
  int32_t n = 0;
  int32_t place_bits = 0;
};

// The weights channel by channel, each filled up with zeros to a multiple of `m`.
std::vector<int8_t> in_groups(const Constant& weights, int32_t m) {
  const std::vector<int8_t> elements = by_channel(weights);
  const int64_t length = int64_t{weights.layout.outer} * weights.layout.inner;
  std::vector<int8_t> groups;
  for (int64_t c = 0; c < weights.layout.channels; c++) {
    const auto channel = elements.begin() + c * length;
    groups.insert(groups.end(), channel, channel + length);
    groups.resize((groups.size() + static_cast<size_t>(m) - 1) / static_cast<size_t>(m) *
                  static_cast<size_t>(m));
  }
  return groups;
}

Pattern smallest(const Constant& weights, int32_t value_bits) {
  std::optional<Pattern> best;
  int64_t best_bits = 0;
  for (int32_t bits = 1; bits <= kMostPlaceBits; bits++) {
    const int32_t m = 1 << bits;
    const std::vector<int8_t> groups = in_groups(weights, m);
    Pattern pattern{0, bits};
    for (size_t k = 0; k < groups.size(); k += static_cast<size_t>(m))
      pattern.n = std::max(pattern.n, nonzeros(&groups[k], m));
    const int64_t size = std::ssize(groups) / m * pattern.n * (bits + value_bits);
    if (best && size >= best_bits) continue;
    best = pattern;
    best_bits = size;
  }
  return *best;
}

// Which of a group are kept: those that are not 0, and the first zeros where these are too few.
std::vector<int32_t> places_of(const int8_t* group, const Pattern& pattern) {
  const int32_t m = 1 << pattern.place_bits;
  int32_t zeros = pattern.n - nonzeros(group, m);
  std::vector<int32_t> places;
  for (int32_t k = 0; k < m; k++)
    if (group[k] != 0 || zeros-- > 0) places.push_back(k);
  return places;
}

std::optional<Encoded> encode(const Constant& weights, int32_t value_bits) {
  const Pattern pattern = smallest(weights, value_bits);
  const std::vector<int8_t> groups = in_groups(weights, 1 << pattern.place_bits);
  BitWriter data;
  data.put(static_cast<uint32_t>(pattern.n), 8);
  data.put(static_cast<uint32_t>(pattern.place_bits), 8);
  std::vector<int8_t> kept;
  for (size_t first = 0; first < groups.size(); first += size_t{1} << pattern.place_bits)
    for (const int32_t place : places_of(&groups[first], pattern)) {
      data.put(static_cast<uint32_t>(place), pattern.place_bits);
      kept.push_back(groups[first + static_cast<size_t>(place)]);
    }
  data.bytes.push_back(0);  // a place is read out of two bytes
  return with_values(std::move(data.bytes), kept, value_bits);
}

}  // namespace

std::optional<Encoded> encode_n_of_m(const Constant& weights, DType) {
  return encode(weights, 8);
}

std::optional<Encoded> encode_n_of_m4(const Constant& weights, DType) {
  return encode(weights, 4);
}

}  // namespace mote::deploy
