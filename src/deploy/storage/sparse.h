// What encoders share: bit fields, and of sparse storages the order in which those keep weights and
// values of 8 or 4 bits. Inside storage/ only. Tested by tests/differential/storage_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "deploy/storage/storage.h"

namespace mote::deploy {

// int8 weights channel by channel: [channels, outer, inner].
std::vector<int8_t> by_channel(const Constant& weights);

// Fields of so many bits, one behind the other, from the low bits of each byte up.
class BitWriter {
 public:
  void put(uint32_t field, int32_t bits);
  Bytes bytes;

 private:
  int32_t free_bits_ = 0;  // of the last byte
};

// The values behind what says which they are; of 4 bits as dense4 has them, and nothing where one
// needs more.
std::optional<Encoded> with_values(Bytes mask, const std::vector<int8_t>& values, int32_t bits);

}  // namespace mote::deploy
