// Bytes: the contents of files and of tensors.
#pragma once

#include <cstdint>
#include <vector>

namespace mote {

using Bytes = std::vector<uint8_t>;

}  // namespace mote
