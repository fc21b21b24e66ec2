// Only outside interface: metadata.h. Tested by metadata_test.cc.
#include "formats/tflite/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace mote::formats::tflite {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::invalid_input,
              fmt::format("metadata entry '{}': {}", kMetadataName, message));
}

std::vector<float> finite_numbers(const json& list) {
  auto numbers = list.get<std::vector<float>>();
  if (numbers.empty() || !std::ranges::all_of(numbers, [](float n) { return std::isfinite(n); }))
    fail("a scale or bias is empty or not finite");
  return numbers;
}

}  // namespace

std::string print_metadata(const ForeignGraph& graph) {
  json entry = json::object();
  if (!graph.labels.empty()) entry["labels"] = graph.labels;
  for (const Preprocessing& p : graph.preprocessing)
    entry["preprocessing"].push_back({{"scale", p.scale}, {"bias", p.bias}});
  if (entry.empty()) return {};
  return entry.dump(-1, ' ', false, json::error_handler_t::replace);
}

void parse_metadata(std::string_view text, ForeignGraph& graph) {
  try {
    const json entry = json::parse(text);
    for (const json& p : entry.value("preprocessing", json::array()))
      graph.preprocessing.push_back({finite_numbers(p.at("scale")), finite_numbers(p.at("bias"))});
    graph.labels = entry.value("labels", std::vector<std::string>());
  } catch (const json::exception&) {
    fail("not the JSON that Mote writes");
  }
  if (!graph.preprocessing.empty() && graph.preprocessing.size() != graph.inputs.size())
    fail(fmt::format("{} preprocessings for {} inputs", graph.preprocessing.size(),
                     graph.inputs.size()));
}

}  // namespace mote::formats::tflite
