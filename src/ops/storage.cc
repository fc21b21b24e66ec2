#include "ops/storage.h"

#include <algorithm>

#include "base/error.h"

extern "C" {
#include "runtime/decode_dense4.h"
#include "runtime/decode_f16.h"
}

namespace mote {
namespace {

constexpr Storage kStorages[] = {
    {MOTE_STORAGE_DENSE8, "MOTE_STORAGE_DENSE8", nullptr, "NULL", {}},
    {MOTE_STORAGE_F32, "MOTE_STORAGE_F32", nullptr, "NULL", {}},
    {MOTE_STORAGE_TILES, "MOTE_STORAGE_TILES", nullptr, "NULL", {}},
    {MOTE_STORAGE_F16, "MOTE_STORAGE_F16", mote_decode_f16, "mote_decode_f16",
     "runtime/decode_f16.h"},
    {MOTE_STORAGE_DENSE4, "MOTE_STORAGE_DENSE4", mote_decode_dense4, "mote_decode_dense4",
     "runtime/decode_dense4.h"},
};

}  // namespace

const Storage& storage_of(const Constant& constant) {
  const auto* row = std::ranges::find(kStorages, constant.storage, &Storage::storage);
  if (row == std::end(kStorages)) throw Error(ErrorKind::internal, "storage without a row");
  return *row;
}

mote_weights stored_weights(const Constant& constant) {
  const WeightLayout& layout = constant.layout;
  return {.data = constant.data.data(),
          .storage = constant.storage,
          .decode = storage_of(constant).decode,
          .outer = layout.outer,
          .channels = layout.channels,
          .inner = layout.inner,
          .tile_channels = layout.tile_channels,
          .tile_offset_bytes = layout.tile_offset_bytes};
}

Bytes pack_dense4(std::span<const int8_t> weights) {
  Bytes bytes((weights.size() + 1) / 2);
  for (size_t i = 0; i < weights.size(); i++)
    bytes[i / 2] |= static_cast<uint8_t>((weights[i] & 15) << (i % 2 * 4));
  return bytes;
}

Bytes unpack_dense4(std::span<const uint8_t> bytes, int32_t count) {
  const mote_weights packed = {.data = bytes.data(),
                               .storage = MOTE_STORAGE_DENSE4,
                               .decode = mote_decode_dense4,
                               .outer = 1,
                               .channels = count,
                               .inner = 1,
                               .tile_channels = count,
                               .tile_offset_bytes = 0};
  Bytes weights(static_cast<size_t>(count));
  packed.decode(&packed, 0, count, weights.data());
  return weights;
}

}  // namespace mote
