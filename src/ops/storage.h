// The storages of weights as the host knows them: their names in C and their decoders. Encoders are
// deploy/storage's. Tested by tests/differential/storage_test.cc.
#pragma once

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

}  // namespace mote
