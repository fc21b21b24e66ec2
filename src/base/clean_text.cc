// Only outside interface: clean_text.h. UTF-8 as RFC 3629 has it. Tested by clean_text_test.cc.
#include "base/clean_text.h"

#include <cstdint>

namespace mote {
namespace {

uint8_t byte_at(std::string_view text, size_t i) {
  return i < text.size() ? static_cast<uint8_t>(text[i]) : 0;
}

// Bytes of the character that begins at `i`; 0 where none does.
size_t character_bytes(std::string_view text, size_t i) {
  const uint8_t first = byte_at(text, i);
  const uint8_t second = byte_at(text, i + 1);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const size_t bytes = first < 0xc2   ? 0
                       : first < 0xe0 ? 2
                       : first < 0xf0 ? 3
                       : first < 0xf5 ? 4
                                      : 0;
  for (size_t k = 1; k < bytes; k++)
    if ((byte_at(text, i + k) & 0xc0) != 0x80) return 0;
  const bool control = first == 0xc2 && second < 0xa0;
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second >= 0xa0;
  const bool beyond = first == 0xf4 && second >= 0x90;
  return control || overlong || surrogate || beyond ? 0 : bytes;
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const size_t bytes = character_bytes(text, i);
    if (bytes == 0) {
      result.push_back('_');
      i++;
    } else {
      result.append(text.substr(i, bytes));
      i += bytes;
    }
  }
  return result;
}

}  // namespace mote
