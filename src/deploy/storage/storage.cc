#include "deploy/storage/storage.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "deploy/storage/channels.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "runtime/weighted.h"

extern "C" {
#include "runtime/taps.h"
}

#define MOTE_PLAIN(NAME)
#define MOTE_CODED(NAME, name, element, stored)                                                    \
  extern "C" void mote_decode_##name(const mote_weights*, int32_t*, int32_t, int32_t, void* tile); \
  namespace mote::deploy {                                                                         \
  std::optional<Encoded> encode_##name(const Constant& weights, DType dtype);                      \
  }
#define MOTE_SLOW(NAME, name, element, stored, state_bytes) MOTE_CODED(NAME, name, element, stored)
#define MOTE_SPARSE(NAME, name, element, stored)                                                 \
  extern "C" void mote_taps_##name(const mote_weights*, int32_t*, int32_t, int32_t, void* tile); \
  extern "C" void mote_products_##name(const mote_weights*, int32_t*, int32_t, int32_t, void*);  \
  MOTE_CODED(NAME, name, element, stored)
MOTE_STORAGES(MOTE_PLAIN, MOTE_CODED, MOTE_SLOW, MOTE_SPARSE)
#undef MOTE_PLAIN
#undef MOTE_CODED
#undef MOTE_SLOW
#undef MOTE_SPARSE

namespace mote::deploy {
namespace {

#define MOTE_PLAIN(NAME) {MOTE_STORAGE_##NAME, "MOTE_STORAGE_" #NAME},
#define MOTE_COLUMNS(NAME, name, element, stored)                                                 \
  MOTE_STORAGE_##NAME, "MOTE_STORAGE_" #NAME, "mote_decode_" #name, "runtime/decode_" #name ".h", \
      mote_decode_##name, encode_##name, DType::element, DType::stored
#define MOTE_CODED(NAME, name, element, stored) {MOTE_COLUMNS(NAME, name, element, stored)},
#define MOTE_SLOW(NAME, name, element, stored, state_bytes) \
  {MOTE_COLUMNS(NAME, name, element, stored), true, state_bytes},
#define MOTE_SPARSE(NAME, name, element, stored) \
  {MOTE_COLUMNS(NAME, name, element, stored),    \
   false,                                        \
   0,                                            \
   "mote_taps_" #name,                           \
   mote_taps_##name,                             \
   "mote_products_" #name,                       \
   mote_products_##name},
constexpr Storage kStorages[] = {MOTE_STORAGES(MOTE_PLAIN, MOTE_CODED, MOTE_SLOW, MOTE_SPARSE)};
#undef MOTE_PLAIN
#undef MOTE_COLUMNS
#undef MOTE_CODED
#undef MOTE_SLOW
#undef MOTE_SPARSE

}  // namespace

std::span<const Storage> storages() {
  return kStorages;
}

const Storage& storage_of(const Constant& constant) {
  const auto* row = std::ranges::find(kStorages, constant.storage, &Storage::storage);
  if (row == std::end(kStorages)) throw Error(ErrorKind::internal, "storage without a row");
  return *row;
}

std::string word_of(const Storage& storage) {
  return lower_case(storage.name.substr(std::string_view("MOTE_STORAGE_").size()));
}

mote_weights stored_weights(const Constant& constant) {
  mote_weights weights = plain_weights(constant);
  const Storage& storage = storage_of(constant);
  weights.decode = weights.run == MOTE_RUN_PRODUCTS ? storage.products
                   : weights.run > 0                ? storage.taps
                                                    : storage.decode;
  return weights;
}

std::string_view decoder_of(const Constant& constant) {
  const Storage& storage = storage_of(constant);
  if (constant.layout.run == MOTE_RUN_PRODUCTS) return storage.products_decoder;
  return constant.layout.run > 0 ? storage.taps_decoder : storage.decoder;
}

std::vector<WeightsFacts> weights_of(const Program& program) {
  std::vector<WeightsFacts> all;
  for (const Call& call : program.calls)
    for (const Operand& operand : call.operands) {
      if (operand.space != Space::weights) continue;
      const Constant& constant = program.constants.at(static_cast<size_t>(operand.index));
      all.push_back({call.origin, call.variant, word_of(storage_of(constant)),
                     std::ssize(constant.data), constant.mask_bytes});
    }
  return all;
}

ConstantBytes& ConstantBytes::operator+=(const ConstantBytes& other) {
  values += other.values;
  masks += other.masks;
  biases += other.biases;
  others += other.others;
  return *this;
}

std::vector<ConstantBytes> constants_by_call(const Program& program) {
  std::vector<ConstantBytes> all;
  std::vector<bool> counted(program.constants.size());
  for (const Call& call : program.calls) {
    ConstantBytes bytes;
    const bool weighted = find_kernel(call.kernel, call.variant).weights != Weights::none;
    for (size_t place = 0; place < call.operands.size(); place++) {
      const Operand& operand = call.operands[place];
      if (operand.space != Space::constant && operand.space != Space::weights &&
          operand.space != Space::unpacked)
        continue;
      const auto index = static_cast<size_t>(operand.index);
      if (counted.at(index)) continue;
      counted[index] = true;
      const Constant& constant = program.constants.at(index);
      const int64_t size = std::ssize(constant.data);
      if (operand.space == Space::unpacked) {  // the first of its parts: all others are counted
        const int64_t biases = packed_bias_bytes(constant, *operand.type.shape.begin());
        bytes.biases += biases;
        bytes.others += size - biases;
        continue;
      }
      const bool weights = weighted && place == MOTE_WEIGHTS;
      if (weights) bytes.masks += constant.mask_bytes;
      (weights                          ? bytes.values
       : weighted && place == MOTE_BIAS ? bytes.biases
                                        : bytes.others) += size - constant.mask_bytes;
    }
    all.push_back(bytes);
  }
  return all;
}

}  // namespace mote::deploy
