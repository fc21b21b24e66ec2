// Weights of 4 bits, decoded by runtime/decode_dense4.c.
#include <algorithm>

#include "deploy/storage/storage.h"
#include "ops/dense4.h"

namespace mote::deploy {

std::optional<Encoded> encode_dense4(const Constant& weights, DType) {
  const std::span<const int8_t> elements = elements_of<int8_t>(weights);
  if (!std::ranges::all_of(elements, fits_dense4)) return std::nullopt;
  return Encoded{pack_dense4(elements)};
}

}  // namespace mote::deploy
