// Weights of 2 to 7 bits in two's complement (runtime/fields.h).
#include <algorithm>

#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

std::optional<Encoded> packed(const Constant& weights, int32_t bits) {
  const std::span<const int8_t> elements = elements_of<int8_t>(weights);
  const int32_t half = 1 << (bits - 1);
  const auto fits = [&](int8_t weight) { return weight >= -half && weight < half; };
  if (!std::ranges::all_of(elements, fits)) return std::nullopt;
  BitWriter fields;
  for (const int8_t weight : elements) fields.put(static_cast<uint8_t>(weight), bits);
  return Encoded{std::move(fields.bytes)};
}

}  // namespace

std::optional<Encoded> encode_dense2(const Constant& weights, DType) {
  return packed(weights, 2);
}

std::optional<Encoded> encode_dense3(const Constant& weights, DType) {
  return packed(weights, 3);
}

std::optional<Encoded> encode_dense4(const Constant& weights, DType) {
  return packed(weights, 4);
}

std::optional<Encoded> encode_dense5(const Constant& weights, DType) {
  return packed(weights, 5);
}

std::optional<Encoded> encode_dense6(const Constant& weights, DType) {
  return packed(weights, 6);
}

std::optional<Encoded> encode_dense7(const Constant& weights, DType) {
  return packed(weights, 7);
}

}  // namespace mote::deploy
