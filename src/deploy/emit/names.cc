#include "deploy/emit/names.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/zip.h"
#include "deploy/emit/emit.h"

namespace mote::deploy {
namespace {

// Longer ones would end as file names that systems refuse.
constexpr size_t kLongest = 48;

constexpr std::string_view kReserved =
#include "deploy/emit/reserved_names.inc"
    ;

std::string cut(const std::string& name, const std::string& text) {
  if (name.size() <= kLongest) return name;
  const std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const std::string digest = fmt::format("{:08x}", crc32_of(bytes));
  const size_t end = name.find_last_not_of('_', kLongest - digest.size() - 2);
  return name.substr(0, end + 1) + "_" + digest;
}

// Endings of ours: of another file of a model called without it.
bool is_reserved(const std::string& name) {
  return kReserved.find(" " + name + " ") != kReserved.npos || name.ends_with("intrin") ||
         name.ends_with("_selftest");
}

}  // namespace

std::string c_identifier(const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c))
      name += ascii_lower(c);
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty()) return "model";
  return cut(is_digit(name.front()) ? "n" + name : name, text);
}

std::string firmware_name(const std::string& text) {
  const std::string name = c_identifier(text);
  // The kernels' names, and the start-up code's, begin so.
  if (name == "mote" || name.starts_with("mote_")) return firmware_name("model_" + name);
  return is_reserved(name) ? c_identifier(name + "_model") : name;
}

std::string UniqueNames::unique(const std::string& wanted) {
  if (taken_.insert(wanted).second) return wanted;
  int& number = next_.try_emplace(wanted, 2).first->second;
  while (true) {
    const std::string name = fmt::format("{}_{}", wanted, number++);
    if (taken_.insert(name).second) return name;
  }
}

}  // namespace mote::deploy
