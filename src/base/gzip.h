// gzip streams, whole. Tested by idx_test.cc.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"

namespace mote {

// Throws Error{invalid_input} that names `where` and the offset at which the stream is damaged, or
// when more than `limit_bytes` come out of it. Memory grows with what really comes out.
Bytes gunzip(std::span<const uint8_t> bytes, const std::string& where,
             size_t limit_bytes = size_t{1} << 30);

// The stream, without name and time: the same bytes give the same stream.
Bytes gzip(std::span<const uint8_t> bytes);

}  // namespace mote
