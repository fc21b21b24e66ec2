#include "deploy/storage/storage.h"

#include <algorithm>

#include "base/error.h"
#include "ops/kernel.h"
#include "ops/lowering.h"

#define MOTE_PLAIN(NAME)
#define MOTE_CODED(NAME, name, element, stored)                                          \
  extern "C" void mote_decode_##name(const mote_weights*, int32_t, int32_t, void* tile); \
  namespace mote::deploy {                                                               \
  std::optional<Bytes> encode_##name(const Constant& weights, DType dtype);              \
  }
MOTE_STORAGES(MOTE_PLAIN, MOTE_CODED)
#undef MOTE_PLAIN
#undef MOTE_CODED

namespace mote::deploy {
namespace {

// A tile is decoded once per call, so its size hardly matters for speed.
constexpr int32_t kTileBytes = 2048;
constexpr int32_t kTileAlignmentBytes = 16;

#define MOTE_PLAIN(NAME) {MOTE_STORAGE_##NAME, "MOTE_STORAGE_" #NAME},
#define MOTE_CODED(NAME, name, element, stored)                                                    \
  {MOTE_STORAGE_##NAME, "MOTE_STORAGE_" #NAME, "mote_decode_" #name, "runtime/decode_" #name ".h", \
   mote_decode_##name,  encode_##name,         DType::element,       DType::stored},
constexpr Storage kStorages[] = {MOTE_STORAGES(MOTE_PLAIN, MOTE_CODED)};
#undef MOTE_PLAIN
#undef MOTE_CODED

// The operand `weights` where the kernel reads it in any storage and it is plain; else null.
Operand* packable(Call& call, const std::vector<Constant>& constants) {
  if (find_kernel(call.kernel, call.variant).weights != Weights::decoded) return nullptr;
  const auto operand = std::ranges::find(call.operands, Space::weights, &Operand::space);
  if (operand == call.operands.end()) return nullptr;
  const Constant& constant = constants.at(static_cast<size_t>(operand->index));
  return storage_of(constant).coded() ? nullptr : &*operand;
}

std::optional<Bytes> encoded(const Storage& storage, const Constant& weights, DType dtype) {
  const DType element = weights.storage == MOTE_STORAGE_F32 ? DType::float32 : DType::int8;
  if (!storage.coded() || storage.element != element) return std::nullopt;
  return storage.encode(weights, dtype);
}

void put(const Storage& storage, Bytes data, int32_t tile_channels, Call& call, Operand& operand,
         Constant& constant) {
  WeightLayout& layout = constant.layout;
  const int64_t channel_bytes = int64_t{layout.outer} * layout.inner * size_of(storage.element);
  const auto fitting = static_cast<int32_t>(std::max<int64_t>(kTileBytes / channel_bytes, 1));
  layout.tile_channels = std::min(tile_channels > 0 ? tile_channels : fitting, layout.channels);
  layout.tile_offset_bytes =
      (call.scratch_bytes + kTileAlignmentBytes - 1) / kTileAlignmentBytes * kTileAlignmentBytes;
  call.scratch_bytes =
      layout.tile_offset_bytes + static_cast<int32_t>(layout.tile_channels * channel_bytes);

  const auto elements = static_cast<int32_t>(std::ssize(data) / size_of(storage.stored));
  constant.type = {storage.stored, {elements}, {}};
  constant.storage = storage.storage;
  constant.data = std::move(data);
  operand.type = constant.type;
}

}  // namespace

std::span<const Storage> storages() {
  return kStorages;
}

const Storage& storage_of(const Constant& constant) {
  const auto* row = std::ranges::find(kStorages, constant.storage, &Storage::storage);
  if (row == std::end(kStorages)) throw Error(ErrorKind::internal, "storage without a row");
  return *row;
}

mote_weights stored_weights(const Constant& constant) {
  mote_weights weights = plain_weights(constant);
  weights.decode = storage_of(constant).decode;
  return weights;
}

void pack_weights(Call& call, std::vector<Constant>& constants) {
  Operand* operand = packable(call, constants);
  if (operand == nullptr) return;
  Constant& constant = constants.at(static_cast<size_t>(operand->index));
  const Storage* smallest = nullptr;
  Bytes data = constant.data;
  for (const Storage& storage : kStorages) {
    std::optional<Bytes> bytes = encoded(storage, constant, operand->type.dtype);
    if (!bytes || bytes->size() >= data.size()) continue;
    smallest = &storage;
    data = std::move(*bytes);
  }
  if (smallest != nullptr) put(*smallest, std::move(data), 0, call, *operand, constant);
}

bool pack_weights_as(const Storage& storage, int32_t tile_channels, Call& call,
                     std::vector<Constant>& constants) {
  Operand* operand = packable(call, constants);
  if (operand == nullptr) return false;
  Constant& constant = constants.at(static_cast<size_t>(operand->index));
  std::optional<Bytes> data = encoded(storage, constant, operand->type.dtype);
  if (data) put(storage, std::move(*data), tile_channels, call, *operand, constant);
  return data.has_value();
}

}  // namespace mote::deploy
