#include "ir/program.h"

namespace mote {

int64_t constant_bytes(const Program& program) {
  int64_t bytes = 0;
  for (const Constant& constant : program.constants)
    bytes += static_cast<int64_t>(constant.data.size());
  return bytes;
}

}  // namespace mote
