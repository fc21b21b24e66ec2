// Texts and numbers as the bytes that files and tensors hold.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ir/value.h"

namespace mote {

inline Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

inline Bytes bytes_of(const std::vector<float>& numbers) {
  return to_bytes(std::span<const float>(numbers));
}

}  // namespace mote
