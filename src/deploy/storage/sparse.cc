#include "deploy/storage/sparse.h"

#include <algorithm>

#include "ops/dense4.h"

namespace mote::deploy {

std::vector<int8_t> by_channel(const Constant& weights) {
  const std::span<const int8_t> elements = elements_of<int8_t>(weights);
  const WeightLayout& layout = weights.layout;
  std::vector<int8_t> result;
  result.reserve(elements.size());
  for (int32_t c = 0; c < layout.channels; c++)
    for (int32_t o = 0; o < layout.outer; o++) {
      const auto from = elements.begin() + (o * layout.channels + c) * layout.inner;
      result.insert(result.end(), from, from + layout.inner);
    }
  return result;
}

void BitWriter::put(uint32_t field, int32_t bits) {
  for (; bits > 0; bits--, field /= 2) {
    if (free_bits_ == 0) bytes.push_back(0);
    if (free_bits_ == 0) free_bits_ = 8;
    bytes.back() |= static_cast<uint8_t>(field % 2 << (8 - free_bits_));
    free_bits_--;
  }
}

std::optional<Encoded> with_values(Bytes mask, const std::vector<int8_t>& values, int32_t bits) {
  if (bits == 4 && !std::ranges::all_of(values, fits_dense4)) return std::nullopt;
  Encoded encoded{std::move(mask)};
  encoded.mask_bytes = std::ssize(encoded.bytes);
  const Bytes bytes = bits == 4 ? pack_dense4(values) : to_bytes(std::span<const int8_t>(values));
  encoded.bytes.insert(encoded.bytes.end(), bytes.begin(), bytes.end());
  return encoded;
}

}  // namespace mote::deploy
