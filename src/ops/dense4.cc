#include "ops/dense4.h"

extern "C" {
#include "runtime/decode_dense4.h"
}

namespace mote {

Bytes pack_dense4(std::span<const int8_t> weights) {
  Bytes bytes((weights.size() + 1) / 2);
  for (size_t i = 0; i < weights.size(); i++)
    bytes[i / 2] |= static_cast<uint8_t>((weights[i] & 15) << (i % 2 * 4));
  return bytes;
}

Bytes unpack_dense4(std::span<const uint8_t> bytes, int32_t count) {
  if (count == 0) return {};
  const mote_weights packed = {.data = bytes.data(),
                               .storage = MOTE_STORAGE_DENSE4,
                               .decode = mote_decode_dense4,
                               .outer = 1,
                               .channels = count,
                               .inner = 1,
                               .run = 0,
                               .tile_channels = count,
                               .tile_offset_bytes = 0};
  Bytes weights(static_cast<size_t>(count));
  int32_t position = 0;
  mote_decode_dense4(&packed, &position, 0, count, weights.data());
  return weights;
}

}  // namespace mote
