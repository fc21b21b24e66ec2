// Zip archives, whole, by libzip: what `.mote` and `.npz` files are. Tested by the readers of both,
// npy_test.cc and mote_file_test.cc.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace mote {

// An archive whose members are unpacked when they are asked for. Throws Error{invalid_input} naming
// file and member, Error{unsupported} for a member that is encrypted or packed in an unknown way.
class ZipFile {
 public:
  explicit ZipFile(const std::string& path);
  ~ZipFile();
  ZipFile(ZipFile&&) noexcept;
  // In the archive's order, without folders.
  const std::vector<std::string>& names() const;
  // Memory grows with what the member really holds, 8 GB at most.
  Bytes read(const std::string& name) const;
  // What errors call a member: "FILE: member 'NAME'".
  std::string place(std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All members by name. Sizes are checked against what the members really hold before memory is
// taken. Throws Error{invalid_input} naming file and member.
std::map<std::string, Bytes> read_zip(const std::string& path);
// Sorted by name, stored, and of zero time: the same members give the same bytes.
void write_zip(const std::string& path, const std::map<std::string, Bytes>& members);

// CRC-32 (IEEE 802.3), as zip and the text form use it.
uint32_t crc32_of(std::span<const uint8_t> bytes);

}  // namespace mote
