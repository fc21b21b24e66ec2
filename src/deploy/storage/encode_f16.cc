// Weights as IEEE binary16, decoded by runtime/decode_f16.c.
#include <bit>

#include "deploy/storage/storage.h"
#include "runtime/arithmetic/float16.h"

namespace mote::deploy {

// Weights of float32 stay so even where they happen to be halves: a float32 firmware is the honest
// baseline that others are compared with.
std::optional<Encoded> encode_f16(const Constant& weights, DType dtype) {
  if (dtype != DType::float16) return std::nullopt;
  std::vector<uint16_t> halves;
  for (const float weight : elements_of<float>(weights)) {
    halves.push_back(mote_f16_from_f32(weight));
    if (std::bit_cast<uint32_t>(mote_f32_from_f16(halves.back())) !=
        std::bit_cast<uint32_t>(weight))
      return std::nullopt;
  }
  return Encoded{to_bytes(std::span<const uint16_t>(halves))};
}

}  // namespace mote::deploy
