// The files of a .tar.gz in their order (POSIX ustar, and what GNU and pax archivers write around
// it). Nothing is written here, and nothing is believed: links, devices, and names that lead out of
// the archive refuse all of it. Tested by tar_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace mote::datasets {

// Takes a file's bytes, piece by piece.
using TarSink = std::function<void(std::span<const uint8_t>)>;

// Calls `entry` for every regular file ("a/b.bin", never "./" or "../"); what it returns takes the
// file's bytes, nothing skips them. Throws Error{invalid_input} naming `path` and the offset in the
// uncompressed archive where it is damaged, cut off or hostile, or where more than `limit_bytes`
// come out of it.
void read_tar_gz(const std::string& path, int64_t limit_bytes,
                 const std::function<TarSink(const std::string& name, int64_t bytes)>& entry);

}  // namespace mote::datasets
