// In which storage weights are kept: the table of them, with their decoders and encoders. Every
// storage is lossless: it can change a firmware's size and speed, never a bit of its results. Which
// is chosen: packing.h. Tested by tests/differential/storage_test.cc and rows_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"

namespace mote::deploy {

// Weights as a storage keeps them.
struct Encoded {
  Bytes bytes;
  int64_t mask_bytes = 0;  // of them: bits of a bitmap, places; the rest are the weights' values
  int64_t bits = 0;        // of slow storages: that a decoder makes out, one after the other
};

// A row of MOTE_STORAGES (runtime/operand.h). Where kernels read the data as they are, what follows
// `name` stays at its default.
struct Storage {
  // What stands for the weights, or nothing where it cannot stand for every one exactly. `weights`
  // are plain, `dtype` is what the graph has them in.
  using Encode = std::optional<Encoded> (*)(const Constant& weights, DType dtype);

  mote_storage storage;
  std::string_view name;              // "MOTE_STORAGE_F16"
  std::string_view decoder = "NULL";  // its name in C
  std::string_view header = {};       // that declares it: "runtime/decode_f16.h"
  mote_decode_tile decode = nullptr;
  Encode encode = nullptr;
  DType element = {};       // of a weight as kernels compute with it: int8 or float32
  DType stored = {};        // of the bytes
  bool slow = false;        // whether decoding takes several times as long as in other storages
  int32_t state_bytes = 0;  // that the decoder keeps from tile to tile, behind it
  // Of sparse storages: the decoders that leave zeros out (runtime/taps.h).
  std::string_view taps_decoder = {};
  mote_decode_tile taps = nullptr;
  std::string_view products_decoder = {};
  mote_decode_tile products = nullptr;

  bool coded() const { return encode != nullptr; }
  bool sparse() const { return taps != nullptr; }
};

std::span<const Storage> storages();
const Storage& storage_of(const Constant& constant);
// As people and scripts read it: "f16".
std::string word_of(const Storage& storage);

// The constant as a kernel's operand; it points into the constant's data.
mote_weights stored_weights(const Constant& constant);
// The name in C of the decoder that such an operand has.
std::string_view decoder_of(const Constant& constant);

// How the weights of one call lie in the firmware.
struct WeightsFacts {
  std::string layer;    // the node's name in the user's file
  std::string variant;  // of its kernel: "sparse" skips zeros
  std::string storage;  // "bitmap"
  int64_t bytes = 0;
  int64_t mask_bytes = 0;  // of these: what says which weights are kept
};
std::vector<WeightsFacts> weights_of(const Program& program);

// What the bytes of a program's constants are.
struct ConstantBytes {
  int64_t values = 0;  // of weights; zeros that are kept count
  int64_t masks = 0;   // of sparse storages: which weights those are
  int64_t biases = 0;
  int64_t others = 0;  // multipliers, shifts, scales, tables, operands of arithmetic

  int64_t sum() const { return values + masks + biases + others; }
  ConstantBytes& operator+=(const ConstantBytes& other);
  bool operator==(const ConstantBytes&) const = default;
};
// By call of the program. What several calls read, the first has, so that the sum over all calls is
// constant_bytes(program).
std::vector<ConstantBytes> constants_by_call(const Program& program);

template <class T>
std::span<const T> elements_of(const Constant& constant) {
  return {reinterpret_cast<const T*>(constant.data.data()), constant.data.size() / sizeof(T)};
}

}  // namespace mote::deploy
