// A bit for each weight, then those that are not 0: of 8 bits (runtime/decode_bitmap.c) or 4.
#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

std::optional<Encoded> with_bitmap(const Constant& weights, int32_t value_bits) {
  BitWriter bitmap;
  std::vector<int8_t> kept;
  for (const int8_t weight : by_channel(weights)) {
    bitmap.put(weight != 0, 1);
    if (weight != 0) kept.push_back(weight);
  }
  return with_values(std::move(bitmap.bytes), kept, value_bits);
}

}  // namespace

std::optional<Encoded> encode_bitmap(const Constant& weights, DType) {
  return with_bitmap(weights, 8);
}

std::optional<Encoded> encode_bitmap4(const Constant& weights, DType) {
  return with_bitmap(weights, 4);
}

}  // namespace mote::deploy
