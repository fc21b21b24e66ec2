// Ways to damage a JSON record: its places, and values that do not belong there.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mote::testing {

// JSON pointers to all values within; of a list the first entry stands for the others.
inline std::vector<std::string> places_of(const nlohmann::ordered_json& value) {
  using Json = nlohmann::ordered_json;
  std::set<std::string> places;
  const Json leaves = value.flatten();
  const std::regex later_entry("/[1-9][0-9]*(/|$)");
  for (const auto& [leaf, ignored] : leaves.items()) {
    if (std::regex_search(leaf, later_entry)) continue;
    for (Json::json_pointer at(leaf); !at.empty(); at.pop_back()) places.insert(at.to_string());
  }
  return {places.begin(), places.end()};
}

inline std::vector<nlohmann::ordered_json> unexpected_values() {
  using Json = nlohmann::ordered_json;
  return {nullptr,       -1,
          1e308,         "</script>",
          Json::array(), Json::object(),
          true,          Json::parse("[[[[{}]]]]")};
}

}  // namespace mote::testing
