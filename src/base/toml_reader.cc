#include "base/toml_reader.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace mote {

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

std::string TomlReader::resolved(const toml::node& at, const std::string& path) const {
  std::string text;
  for (size_t from = 0; from < path.size();) {
    const size_t open = path.find("${", from), close = path.find('}', open);
    if (close == path.npos) {
      text += path.substr(from);
      break;
    }
    const std::string name = path.substr(open + 2, close - open - 2);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr)
      fail(at, fmt::format("the environment has no variable '{}'", name), "set it: " + path);
    text += path.substr(from, open - from) + value;
    from = close + 1;
  }
  namespace fs = std::filesystem;
  return fs::absolute(fs::path(where_).parent_path() / text).lexically_normal();
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

int64_t TomlReader::whole(const toml::table& table, std::string_view key, int64_t otherwise,
                          int64_t min, int64_t max) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value_exact<int64_t>();
  if (!value || *value < min || *value > max)
    fail(*node, fmt::format("'{}' must be an integer from {} to {}", key, min, max), "");
  return *value;
}

double TomlReader::real(const toml::table& table, std::string_view key, double otherwise,
                        double min, double max) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  const auto value = node->value<double>();
  if (!node->is_number() || !(*value >= min && *value <= max))
    fail(*node, fmt::format("'{}' must be a number from {} to {}", key, min, max), "");
  return *value;
}

bool TomlReader::boolean(const toml::table& table, std::string_view key, bool otherwise) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return otherwise;
  if (!node->is_boolean()) fail(*node, fmt::format("'{}' must be true or false", key), "");
  return **node->as_boolean();
}

std::vector<std::string> TomlReader::strings(const toml::table& table, std::string_view key) const {
  const toml::node* node = table.get(key);
  if (node == nullptr) return {};
  if (!node->is_array()) fail(*node, fmt::format("'{}' must be a list of strings", key), "");
  std::vector<std::string> strings;
  for (const toml::node& element : *node->as_array()) {
    if (!element.is_string()) fail(element, fmt::format("'{}' must be a list of strings", key), "");
    strings.push_back(**element.as_string());
  }
  return strings;
}

}  // namespace mote
