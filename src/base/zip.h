// Zip archives, whole, by libzip: what `.mote` and `.npz` files are. Tested by the readers of both,
// npy_test.cc and mote_file_test.cc.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/bytes.h"

namespace mote {

// Members by name. Sizes are checked against what the members really hold before memory is taken.
// Throws Error{invalid_input} naming file and member.
std::map<std::string, Bytes> read_zip(const std::string& path);
// Sorted by name, stored, and of zero time: the same members give the same bytes.
void write_zip(const std::string& path, const std::map<std::string, Bytes>& members);

// CRC-32 (IEEE 802.3), as zip and the text form use it.
uint32_t crc32_of(std::span<const uint8_t> bytes);

}  // namespace mote
