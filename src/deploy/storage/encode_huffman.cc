// Canonical Huffman codes (runtime/decode_huffman.h): weights that are frequent have short ones.
#include <algorithm>
#include <array>

#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

constexpr size_t kSymbols = 256;
constexpr int32_t kLongest = 24;               // far more than any weights need; codes have 32 bits
constexpr int64_t kMostBytes = INT32_MAX / 8;  // positions count bits

using Counts = std::array<int64_t, kSymbols>;  // by symbol, an int8 weight's bits
using Lengths = std::array<int32_t, kSymbols>;

// Of each symbol's code, 0 where it does not occur: the two rarest groups become one of a bit more,
// until there is one.
Lengths lengths_of(const Counts& counts) {
  struct Group {
    int64_t count;
    std::vector<size_t> symbols;
  };
  std::vector<Group> groups;
  for (size_t s = 0; s < kSymbols; s++)
    if (counts[s] > 0) groups.push_back({counts[s], {s}});
  Lengths lengths = {};
  if (groups.size() == 1) lengths[groups[0].symbols[0]] = 1;
  const auto rarer = [](const Group& a, const Group& b) { return a.count > b.count; };
  while (groups.size() > 1) {
    std::ranges::stable_sort(groups, rarer);
    const Group rarest = std::move(groups.back());
    groups.pop_back();
    Group& other = groups.back();
    other.count += rarest.count;
    other.symbols.insert(other.symbols.end(), rarest.symbols.begin(), rarest.symbols.end());
    for (const size_t s : other.symbols) lengths[s]++;
  }
  return lengths;
}

// Flatter counts make the longest codes shorter.
Lengths limited_lengths(Counts counts) {
  Lengths lengths = lengths_of(counts);
  while (std::ranges::max(lengths) > kLongest) {
    for (int64_t& count : counts) count = (count + 1) / 2;
    lengths = lengths_of(counts);
  }
  return lengths;
}

// The symbols that occur, shorter codes first.
std::vector<size_t> by_length(const Lengths& lengths) {
  std::vector<size_t> symbols;
  for (size_t s = 0; s < kSymbols; s++)
    if (lengths[s] > 0) symbols.push_back(s);
  std::ranges::stable_sort(symbols, {}, [&](size_t s) { return lengths[s]; });
  return symbols;
}

// Each symbol's code, its first bit lowest, as BitWriter writes it.
std::array<uint32_t, kSymbols> codes_of(const Lengths& lengths,
                                        const std::vector<size_t>& symbols) {
  std::array<uint32_t, kSymbols> codes = {};
  uint32_t code = 0;
  int32_t length = symbols.empty() ? 0 : lengths[symbols[0]];
  for (const size_t s : symbols) {
    for (; length < lengths[s]; length++) code *= 2;
    for (int32_t bit = 0; bit < length; bit++) codes[s] |= (code >> (length - 1 - bit) & 1) << bit;
    code++;
  }
  return codes;
}

}  // namespace

std::optional<Encoded> encode_huffman(const Constant& weights, DType) {
  Counts counts = {};
  for (const uint8_t weight : weights.data) counts[weight]++;
  const Lengths lengths = limited_lengths(counts);
  const std::vector<size_t> symbols = by_length(lengths);
  if (symbols.empty() || symbols.size() == kSymbols) return std::nullopt;  // more than a byte says
  BitWriter data;
  int64_t bits = 0;
  data.put(static_cast<uint32_t>(std::ranges::max(lengths)), 8);
  data.put(static_cast<uint32_t>(symbols.size()), 8);
  for (int32_t length = 1; length <= std::ranges::max(lengths); length++)
    data.put(static_cast<uint32_t>(std::ranges::count(lengths, length)), 8);
  for (const size_t s : symbols) data.put(static_cast<uint32_t>(s), 8);
  const std::array<uint32_t, kSymbols> codes = codes_of(lengths, symbols);
  for (const int8_t weight : by_channel(weights)) {
    const auto symbol = static_cast<uint8_t>(weight);
    data.put(codes[symbol], lengths[symbol]);
    bits += lengths[symbol];
  }
  if (std::ssize(data.bytes) > kMostBytes) return std::nullopt;
  return Encoded{.bytes = std::move(data.bytes), .bits = bits};
}

}  // namespace mote::deploy
