#include "base/random.h"

#include <bit>

namespace mote {
namespace {

uint64_t splitmix64(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// FNV-1a.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xcbf29ce484222325;
  for (char c : text) value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return value;
}

}  // namespace

Random::Random(uint64_t seed, std::string_view purpose) {
  uint64_t start = purpose.empty() ? seed : seed ^ hash(purpose);
  for (uint64_t& word : state_) word = splitmix64(start);
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  // The numbers beyond the largest multiple of `bound` would favour small results: draw again.
  const uint64_t excess = (0 - bound) % bound;
  for (;;) {
    const uint64_t number = next();
    if (number >= excess) return number % bound;
  }
}

double Random::normal() {
  double sum = -6.0;
  for (int i = 0; i < 12; i++) sum += unit();
  return sum;
}

}  // namespace mote
