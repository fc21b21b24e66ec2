// In which storage weights are kept: the table of them, with their decoders and encoders, and the
// choice. Every storage is lossless: it can change a firmware's size and speed, never a bit of its
// results. Tested by tests/differential/storage_test.cc and rows_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

  bool coded() const { return encode != nullptr; }
};

std::span<const Storage> storages();
const Storage& storage_of(const Constant& constant);

// The constant as a kernel's operand; it points into the constant's data.
mote_weights stored_weights(const Constant& constant);

// Puts the weights of a call, among whose constants its operands count, into the smallest storage
// that holds them and that its kernel reads (ops/kernel.h), and asks for the scratch that a tile of
// output channels is decoded into. Nothing smaller: they stay.
void pack_weights(Call& call, std::vector<Constant>& constants);
// The same with that storage, whatever its size, and tiles of so many channels. False, and nothing
// done, where it cannot hold them or the kernel does not read it. For tests.
bool pack_weights_as(const Storage& storage, int32_t tile_channels, Call& call,
                     std::vector<Constant>& constants);

template <class T>
std::span<const T> elements_of(const Constant& constant) {
  return {reinterpret_cast<const T*>(constant.data.data()), constant.data.size() / sizeof(T)};
}

}  // namespace mote::deploy
