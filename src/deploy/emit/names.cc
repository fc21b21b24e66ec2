#include "deploy/emit/names.h"

#include <algorithm>

#include <fmt/format.h>

#include "deploy/emit/emit.h"

namespace mote::deploy {
namespace {

// Not the <cctype> functions: they depend on the locale.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_c_identifier(const std::string& name) {
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

std::string c_identifier(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c))
      name += lower(c);
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty()) return "model";
  return is_digit(name.front()) ? "n" + name : name;
}

std::string UniqueNames::unique(const std::string& wanted) {
  std::string name = wanted;
  for (int number = 2; !taken_.insert(name).second; number++)
    name = fmt::format("{}_{}", wanted, number);
  return name;
}

}  // namespace mote::deploy
