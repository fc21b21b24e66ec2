#include "compress/recipe.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "ir/error.h"
#include "ir/file.h"
#include "ir/resources.h"

namespace mote::compress {
namespace {

constexpr std::string_view kFolder = "compress/recipes/";

class Reader {
 public:
  explicit Reader(std::string where) : where_(std::move(where)) {}

  [[noreturn]] void fail(const toml::node& at, const std::string& message,
                         const std::string& hint) const {
    throw Error(ErrorKind::invalid_input, message,
                fmt::format("{}:{}", where_, at.source().begin.line), hint);
  }

  void allow(const toml::table& table, const std::set<std::string_view>& keys) const {
    for (const auto& [key, node] : table)
      if (!keys.contains(key.str()))
        fail(node, fmt::format("unknown key '{}'", key.str()),
             fmt::format("allowed: {}", fmt::join(keys, ", ")));
  }

  std::string text(const toml::table& table, std::string_view key, std::string otherwise) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    if (!node->is_string()) fail(*node, fmt::format("'{}' must be a string", key), "");
    return **node->as_string();
  }

  int32_t integer(const toml::table& table, std::string_view key, int32_t otherwise, int32_t min,
                  int32_t max) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) return otherwise;
    const auto value = node->value<int64_t>();
    if (!node->is_integer() || *value < min || *value > max)
      fail(*node, fmt::format("'{}' is out of range", key), fmt::format("{} to {}", min, max));
    return static_cast<int32_t>(*value);
  }

  void expect(const toml::table& table, std::string_view key, const std::string& value,
              const std::set<std::string_view>& allowed) const {
    if (!allowed.contains(value))
      fail(*table.get(key), fmt::format("unknown {} '{}'", key, value),
           fmt::format("allowed: {}", fmt::join(allowed, ", ")));
  }

  Step step(const toml::table& table) const {
    if (!table.contains("do"))
      fail(table, "a step without `do`", "say what the step does: do = \"calibrate\"");
    const std::string what = text(table, "do", "");
    expect(table, "do", what, {"calibrate", "quantize"});
    if (what == "calibrate") {
      allow(table, {"do", "observer", "samples"});
      const std::string observer = text(table, "observer", "min_max");
      expect(table, "observer", observer, {"min_max"});
      return CalibrateStep{Observer::min_max, integer(table, "samples", 256, 1, 1 << 20)};
    }
    allow(table, {"do", "scheme"});
    const std::string scheme = text(table, "scheme", "int8");
    expect(table, "scheme", scheme, {"int8"});
    return QuantizeStep{scheme};
  }

  Recipe recipe(const toml::table& table) const {
    allow(table, {"name", "description", "step"});
    Recipe recipe;
    recipe.name = text(table, "name", "");
    if (recipe.name.empty()) fail(table, "no `name`", "name = \"mine\"");
    recipe.description = text(table, "description", "");
    const toml::node* steps = table.get("step");
    if (steps == nullptr) return recipe;
    if (!steps->is_array_of_tables())
      fail(*steps, "`step` must be tables", "write [[step]] before each");
    for (const toml::node& node : *steps->as_array())
      recipe.steps.push_back(step(*node.as_table()));
    check_order(recipe, *steps);
    return recipe;
  }

  // Quantizing activations needs their ranges.
  void check_order(const Recipe& recipe, const toml::node& at) const {
    bool calibrated = false;
    for (const Step& step : recipe.steps) {
      calibrated = calibrated || std::holds_alternative<CalibrateStep>(step);
      if (std::holds_alternative<QuantizeStep>(step) && !calibrated)
        fail(at, "`quantize` before `calibrate`", "put a step do = \"calibrate\" before it");
    }
  }

 private:
  std::string where_;
};

Recipe parse_recipe(std::string_view text, const std::string& where) {
  try {
    return Reader(where).recipe(toml::parse(text, where));
  } catch (const toml::parse_error& error) {
    throw Error(ErrorKind::invalid_input, std::string(error.description()),
                fmt::format("{}:{}", where, error.source().begin.line), "a recipe is TOML");
  }
}

}  // namespace

std::string Recipe::scheme() const {
  for (const Step& step : steps)
    if (const auto* quantize = std::get_if<QuantizeStep>(&step)) return quantize->scheme;
  return "float32";
}

std::vector<Recipe> built_in_recipes() {
  std::vector<Recipe> recipes;
  for (std::string_view path : resources(kFolder))
    recipes.push_back(parse_recipe(resource(path), std::string(path)));
  return recipes;
}

Recipe load_recipe(const std::string& name_or_path) {
  std::vector<std::string> names;
  for (Recipe& recipe : built_in_recipes()) {
    if (recipe.name == name_or_path) return std::move(recipe);
    names.push_back(recipe.name);
  }
  if (!name_or_path.ends_with(".toml"))
    throw Error(ErrorKind::usage, fmt::format("no recipe '{}'", name_or_path), {},
                fmt::format("recipes: {}, or the path of a .toml", fmt::join(names, ", ")));
  const Bytes bytes = read_file(name_or_path);
  return parse_recipe({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name_or_path);
}

}  // namespace mote::compress
