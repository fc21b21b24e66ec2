#include "compress/toml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ir/error.h"

namespace mote::compress {

toml::table TomlReader::parse(std::string_view text, const std::string& hint) const {
  try {
    return toml::parse(text, where_);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::invalid_input, std::string(error.description()),
                fmt::format("{}:{}", where_, error.source().begin.line), hint);
  }
}

std::string TomlReader::place(const toml::node& at) const {
  return fmt::format("{}:{}", where_, at.source().begin.line);
}

void TomlReader::fail(const toml::node& at, const std::string& message,
                      const std::string& hint) const {
  throw Error(ErrorKind::invalid_input, message, place(at), hint);
}

void TomlReader::allow(const toml::table& table, const std::set<std::string_view>& keys) const {
  for (const auto& [key, node] : table)
    if (!keys.contains(key.str()))
      fail(node, fmt::format("unknown key '{}'", key.str()),
           fmt::format("allowed: {}", fmt::join(keys, ", ")));
}

void TomlReader::expect(const toml::table& table, std::string_view key, const std::string& value,
                        const std::set<std::string_view>& allowed) const {
  if (!allowed.contains(value))
    fail(*table.get(key), fmt::format("unknown {} '{}'", key, value),
         fmt::format("allowed: {}", fmt::join(allowed, ", ")));
}

std::string TomlReader::text(const toml::table& table, std::string_view key,
                             std::string otherwise) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  if (!node->is_string()) fail(*node, fmt::format("'{}' must be a string", key), "");
  return **node->as_string();
}

int32_t TomlReader::integer(const toml::table& table, std::string_view key, int32_t otherwise,
                            int32_t min, int32_t max) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value<int64_t>();
  if (!node->is_integer() || *value < min || *value > max)
    fail(*node, fmt::format("'{}' is out of range", key), fmt::format("{} to {}", min, max));
  return static_cast<int32_t>(*value);
}

double TomlReader::real(const toml::table& table, std::string_view key, double otherwise,
                        double min, double max) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value<double>();
  if (!node->is_number() || !(*value >= min && *value <= max))
    fail(*node, fmt::format("'{}' is out of range", key), fmt::format("{} to {}", min, max));
  return *value;
}

bool TomlReader::boolean(const toml::table& table, std::string_view key, bool otherwise) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  if (!node->is_boolean()) fail(*node, fmt::format("'{}' must be true or false", key), "");
  return **node->as_boolean();
}

}  // namespace mote::compress
