// The storages of weights as the host knows them: their names in C and their decoders; and the
// order of 4-bit weights, which TFLite's INT4 has too. What chooses and encodes is deploy/storage.
// Tested by tests/differential/storage_test.cc.
#pragma once

#include <span>
#include <string_view>

#include "ir/program.h"

namespace mote {

struct Storage {
  mote_storage storage;
  std::string_view name;     // "MOTE_STORAGE_F16"
  mote_decode_tile decode;   // null where kernels read the data as they are
  std::string_view decoder;  // its name in C; "NULL" where there is none
  std::string_view header;   // that declares it: "runtime/decode_f16.h"; or empty
};

const Storage& storage_of(const Constant& constant);

// The constant as a kernel's operand; it points into the constant's data.
mote_weights stored_weights(const Constant& constant);

// Weights of [-8, 7], two a byte, the first in the low bits; an odd number is filled up with 0.
constexpr bool fits_dense4(int8_t weight) {
  return weight >= -8 && weight <= 7;
}
Bytes pack_dense4(std::span<const int8_t> weights);
// The first `count` of them, as int8; `bytes` are (count + 1) / 2.
Bytes unpack_dense4(std::span<const uint8_t> bytes, int32_t count);

}  // namespace mote
