#include "compress/json.h"

#include <fmt/format.h>

#include "base/error.h"

namespace mote::compress {
namespace {

std::string_view name_of(Observer observer) {
  switch (observer) {
    case Observer::min_max:
      return "min_max";
  }
  return {};
}

Json json_of(const CalibrateStep& step) {
  return {{"do", "calibrate"}, {"observer", name_of(step.observer)}, {"samples", step.samples}};
}

// Bits are said where the scheme has them.
Json json_of(const QuantizeStep& step) {
  const SchemeInfo& info = info_of(step.scheme);
  Json json{{"do", "quantize"}, {"scheme", info.name}};
  if (info.integer_weights()) json["weight_bits"] = step.weight_bits;
  if (info.bias == DType::int64) json["bias_bits"] = step.bias_bits;
  return json;
}

}  // namespace

// Numbers as their shortest text has them: 0.3 and not the float's 0.30000001.
Json json_of(const TrainOptions& options) {
  Json json;
  TrainOptions::visit(options, [&](const char* name, const auto& value) {
    if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
      json[name] = name_of(value);
    } else {
      json[name] = Json::parse(fmt::format("{}", value));
    }
  });
  return json;
}

TrainOptions train_options_of(const Json& json) {
  TrainOptions options;
  TrainOptions::visit(options, [&](const char* name, auto& value) {
    using T = std::decay_t<decltype(value)>;
    try {
      if constexpr (std::is_enum_v<T>) {
        const auto choice = choice_of<T>(json.at(name).template get<std::string>());
        if (!choice)
          throw Error(ErrorKind::invalid_input, fmt::format("'{}' has an unknown value", name));
        value = *choice;
      } else {
        value = json.at(name).template get<T>();
      }
    } catch (const Json::exception& error) {
      throw Error(ErrorKind::invalid_input, fmt::format("'{}': {}", name, error.what()));
    }
  });
  return options;
}

Json json_of(const Recipe& recipe) {
  Json steps = Json::array();
  for (const Step& step : recipe.steps)
    steps.push_back(std::visit([](const auto& s) { return json_of(s); }, step));
  return {{"name", recipe.name}, {"steps", steps}};
}

}  // namespace mote::compress
