// Enumerations that files and command lines name: the names of their values, both ways. Tested by
// json_test.cc.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace mote::compress {

// The names of an enumeration's values, in their order.
template <class Enum>
std::span<const std::string_view> choices();

template <class Enum>
std::string_view choice_name(Enum value) {
  return choices<Enum>()[static_cast<size_t>(value)];
}

// The value of that name; nothing where there is none.
template <class Enum>
std::optional<Enum> choice_of(std::string_view name) {
  const auto names = choices<Enum>();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace mote::compress
