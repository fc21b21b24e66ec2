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

// A row of MOTE_STORAGES (runtime/operand.h). Where kernels read the data as they are, what follows
// `name` stays at its default.
struct Storage {
  // The bytes that stand for the weights, or nothing where they cannot stand for every one exactly.
  // `weights` are plain, `dtype` is what the graph has them in.
  using Encode = std::optional<Bytes> (*)(const Constant& weights, DType dtype);

  mote_storage storage;
  std::string_view name;              // "MOTE_STORAGE_F16"
  std::string_view decoder = "NULL";  // its name in C
  std::string_view header = {};       // that declares it: "runtime/decode_f16.h"
  mote_decode_tile decode = nullptr;
  Encode encode = nullptr;
  DType element = {};  // of a weight as kernels compute with it: int8 or float32
  DType stored = {};   // of the bytes
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
};
std::vector<WeightsFacts> weights_of(const Program& program);

template <class T>
std::span<const T> elements_of(const Constant& constant) {
  return {reinterpret_cast<const T*>(constant.data.data()), constant.data.size() / sizeof(T)};
}

}  // namespace mote::deploy
