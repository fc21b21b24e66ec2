// Four neighbours a block: a bit for each block, then all of those that are not 0 throughout
// (runtime/walk_blocks.h).
#include <algorithm>

#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

constexpr int32_t kBlock = 4;

std::optional<Encoded> in_blocks(const Constant& weights, int32_t value_bits) {
  const std::vector<int8_t> elements = by_channel(weights);
  const int32_t length = weights.layout.outer * weights.layout.inner;
  BitWriter bitmap;
  std::vector<int8_t> kept;
  for (int32_t c = 0; c < weights.layout.channels; c++)
    for (int32_t k = 0; k < length; k += kBlock) {
      const auto block = elements.begin() + int64_t{c} * length + k;
      const auto end = block + std::min(kBlock, length - k);
      const bool keep = std::any_of(block, end, [](int8_t weight) { return weight != 0; });
      bitmap.put(keep, 1);
      if (keep) kept.insert(kept.end(), block, end);
    }
  return with_values(std::move(bitmap.bytes), kept, value_bits);
}

}  // namespace

std::optional<Encoded> encode_blocks(const Constant& weights, DType) {
  return in_blocks(weights, 8);
}

std::optional<Encoded> encode_blocks4(const Constant& weights, DType) {
  return in_blocks(weights, 4);
}

}  // namespace mote::deploy
