#include "compress/train/changes.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "compress/json.h"

namespace mote::compress {
namespace {

constexpr int32_t kMost = 1 << 30;
constexpr TrainOptions kDefaults{};
constexpr std::string_view kShared[] = {"epochs", "learning_rate"};

// 0.3 of "30 %"; nothing of other texts.
std::optional<double> share_of(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  std::string text = value.get<std::string>();
  if (!text.ends_with('%')) return std::nullopt;
  text.pop_back();
  while (text.ends_with(' ')) text.pop_back();
  const auto percent = parse_number<double>(text);
  if (!percent || !(*percent > 0 && *percent <= 1000)) return std::nullopt;
  return *percent / 100;
}

template <class T>
Json option(const TomlReader& reader, const toml::table& table, std::string_view key,
            const T& otherwise) {
  if constexpr (std::is_enum_v<T>) {
    const auto names = choices<T>();
    const std::string name = reader.text(table, key, "");
    reader.expect(table, key, name, {names.begin(), names.end()});
    return name;
  } else if constexpr (std::is_same_v<T, bool>) {
    return reader.boolean(table, key, otherwise);
  } else if constexpr (std::is_floating_point_v<T>) {
    return reader.real(table, key, otherwise, -kMost, kMost);
  } else {
    return reader.integer(table, key, 0, 0, kMost);
  }
}

Json share(const TomlReader& reader, const toml::table& table, std::string_view key) {
  Json value = reader.text(table, key, "");
  if (!share_of(value))
    reader.fail(
        *table.get(key), fmt::format("'{}' is neither a number nor a share", key),
        fmt::format("{} = \"30 %\" is a share of what the network's own training has", key));
  return value;
}

// Ranges are training's own; here they get a line.
void check(const TomlReader& reader, const toml::node& node, const Json& change) {
  try {
    check_options(changed(kDefaults, change));
  } catch (const Error& error) {
    reader.fail(node, error.message, error.hint);
  }
}

}  // namespace

std::set<std::string_view> change_keys() {
  std::set<std::string_view> keys;
  TrainOptions::visit(kDefaults, [&](const char* name, const auto&) { keys.insert(name); });
  keys.erase("seed");
  return keys;
}

Json read_changes(const TomlReader& reader, const toml::table& table, Shares shares) {
  Json changes = Json::object();
  TrainOptions::visit(kDefaults, [&](const char* name, const auto& otherwise) {
    const toml::node* node = table.get(name);
    if (node == nullptr || name == std::string_view("seed")) return;
    const bool shared = shares == Shares::allowed && node->is_string() &&
                        std::ranges::count(kShared, std::string_view(name)) > 0;
    changes[name] = shared ? share(reader, table, name) : option(reader, table, name, otherwise);
    check(reader, *node, {{name, changes[name]}});
  });
  return changes;
}

TrainOptions changed(const TrainOptions& options, const Json& changes) {
  Json json = json_of(options);
  for (const auto& [name, value] : changes.items()) {
    const std::optional<double> part = share_of(value);
    if (part && name == "epochs") {
      json[name] = std::max(1, static_cast<int32_t>(std::ceil(*part * options.epochs - 0.5)));
    } else if (part && name == "learning_rate") {
      json[name] = *part * static_cast<double>(options.learning_rate);
    } else {
      json[name] = value;
    }
  }
  return train_options_of(json);
}

}  // namespace mote::compress
