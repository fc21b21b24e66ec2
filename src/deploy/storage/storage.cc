#include "deploy/storage/storage.h"

#include <algorithm>
#include <bit>

#include "ops/storage.h"
#include "runtime/arithmetic/float16.h"

namespace mote::deploy {
namespace {

// A tile is decoded once per call, so its size hardly matters for speed.
constexpr int32_t kTileBytes = 2048;
constexpr int32_t kTileAlignmentBytes = 16;

template <class T>
std::span<const T> elements_of(const Constant& constant) {
  return {reinterpret_cast<const T*>(constant.data.data()), constant.data.size() / sizeof(T)};
}

// What a constant becomes in another storage.
struct Packed {
  mote_storage storage;
  DType dtype;            // of the bytes
  int64_t element_bytes;  // of a decoded weight
  Bytes data;
};

// Weights of float32 stay so even where they happen to be halves: a float32 firmware is the honest
// baseline that others are compared with.
std::optional<Packed> pack(const Constant& constant, DType dtype) {
  if (constant.storage == MOTE_STORAGE_F32 && dtype == DType::float16) {
    if (auto data = encode_f16(elements_of<float>(constant)))
      return Packed{MOTE_STORAGE_F16, DType::float16, sizeof(float), std::move(*data)};
  }
  if (constant.storage == MOTE_STORAGE_DENSE8) {
    if (auto data = encode_dense4(elements_of<int8_t>(constant)))
      return Packed{MOTE_STORAGE_DENSE4, DType::uint8, sizeof(int8_t), std::move(*data)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Bytes> encode_f16(std::span<const float> weights) {
  std::vector<uint16_t> halves;
  for (const float weight : weights) {
    halves.push_back(mote_f16_from_f32(weight));
    if (std::bit_cast<uint32_t>(mote_f32_from_f16(halves.back())) !=
        std::bit_cast<uint32_t>(weight))
      return std::nullopt;
  }
  return to_bytes(std::span<const uint16_t>(halves));
}

std::optional<Bytes> encode_dense4(std::span<const int8_t> weights) {
  if (!std::ranges::all_of(weights, fits_dense4)) return std::nullopt;
  return pack_dense4(weights);
}

void pack_weights(Call& call, std::vector<Constant>& constants) {
  const auto operand = std::ranges::find(call.operands, Space::weights, &Operand::space);
  if (operand == call.operands.end()) return;
  Constant& constant = constants.at(static_cast<size_t>(operand->index));
  std::optional<Packed> packed = pack(constant, operand->type.dtype);
  if (!packed || packed->data.size() >= constant.data.size()) return;

  WeightLayout& layout = constant.layout;
  const int64_t channel_bytes = int64_t{layout.outer} * layout.inner * packed->element_bytes;
  const auto fitting = static_cast<int32_t>(std::max<int64_t>(kTileBytes / channel_bytes, 1));
  layout.tile_channels = std::min(fitting, layout.channels);
  layout.tile_offset_bytes =
      (call.scratch_bytes + kTileAlignmentBytes - 1) / kTileAlignmentBytes * kTileAlignmentBytes;
  call.scratch_bytes =
      layout.tile_offset_bytes + static_cast<int32_t>(layout.tile_channels * channel_bytes);

  const auto elements = static_cast<int32_t>(std::ssize(packed->data) / size_of(packed->dtype));
  constant.type = {packed->dtype, {elements}, {}};
  constant.storage = packed->storage;
  constant.data = std::move(packed->data);
  operand->type = constant.type;
}

}  // namespace mote::deploy
