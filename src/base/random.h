// The one source of randomness: seeded, and the same numbers on every machine and library, so that
// a seed names a result. xoshiro256** with splitmix64 seeding: Blackman and Vigna, "Scrambled
// linear pseudorandom number generators" (2021). Tested by random_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace mote {

class Random {
 public:
  // `purpose` ("validation", "weights") makes streams of one seed independent of each other.
  explicit Random(uint64_t seed, std::string_view purpose = {});

  uint64_t next();
  // In [0, bound), each equally likely; bound at least 1.
  uint64_t below(uint64_t bound);
  // In [0, 1), a multiple of 2^-53.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double min, double max) { return min + (max - min) * unit(); }
  // Mean 0, variance 1, within +-6: twelve uniform numbers less 6. Without libm, whose last bits
  // differ.
  double normal();

  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t left = items.size(); left > 1; left--)
      std::swap(items[left - 1], items[below(left)]);
  }

  // The generator's whole state, for checkpoints.
  using State = std::array<uint64_t, 4>;
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  State state_;
};

}  // namespace mote
