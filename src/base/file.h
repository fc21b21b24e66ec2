// Whole files, read and written: the one place that knows how an output file is never half-written.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace mote {

// Throws Error{invalid_input} naming the path.
Bytes read_file(const std::string& path);
// Writes beside the target under a temporary name, flushes, and renames. A new file has the
// permissions that the umask leaves, one that is replaced keeps its own, and a symbolic link its
// place: the file that it leads to is replaced.
void write_file(const std::string& path, std::span<const uint8_t> bytes);
void write_file(const std::string& path, std::string_view text);

}  // namespace mote
