// Archives as tests need them, hostile ones too: POSIX ustar entries one by one.
#pragma once

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "ir/types.h"

namespace mote::testing {

// Writes the sum that every header carries over its other bytes.
inline void set_checksum(Bytes& entry) {
  std::fill_n(entry.begin() + 148, 8, static_cast<uint8_t>(' '));
  int sum = 0;
  for (size_t i = 0; i < 512; i++) sum += entry[i];
  const std::string text = fmt::format("{:06o}", sum);
  std::copy(text.begin(), text.end(), entry.begin() + 148);
  entry[154] = 0;
}

// The field as it is to stand there, octal or not.
inline void set_size(Bytes& entry, const std::string& field) {
  std::fill_n(entry.begin() + 124, 12, uint8_t{0});
  std::copy(field.begin(), field.end(), entry.begin() + 124);
  set_checksum(entry);
}

inline Bytes tar_entry(const std::string& name, const std::string& content, char type = '0') {
  Bytes entry(512 + (content.size() + 511) / 512 * 512);
  std::copy(name.begin(), name.end(), entry.begin());
  const std::string magic("ustar\00000", 8);
  std::copy(magic.begin(), magic.end(), entry.begin() + 257);
  std::copy(content.begin(), content.end(), entry.begin() + 512);
  entry[156] = static_cast<uint8_t>(type);
  set_size(entry, fmt::format("{:011o}", content.size()));
  return entry;
}

inline Bytes end_of_tar() {
  return Bytes(1024);
}

}  // namespace mote::testing
