#include "compress/json.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::compress {
namespace {

Json json_of(const CalibrateStep& step) {
  Json json{
      {"do", "calibrate"}, {"observer", choice_name(step.observer)}, {"samples", step.samples}};
  if (step.observer == Observer::percentile) json["percentile"] = step.percentile;
  return json;
}

Json json_of(const EqualizeStep& step) {
  return {{"do", "equalize"}, {"by", choice_name(step.by)}, {"samples", step.samples}};
}

// Bits are said where the scheme has them, and what came later where it is not at its default.
Json json_of(const QuantizeStep& step) {
  const SchemeInfo& info = info_of(step.scheme);
  Json json{{"do", "quantize"}, {"scheme", info.name}};
  if (info.integer_weights()) json["weight_bits"] = step.weight_bits;
  if (info.bias == DType::int64) json["bias_bits"] = step.bias_bits;
  const QuantizeStep defaults;
  const auto add = [&](const char* key, const auto& value, const auto& otherwise) {
    if (value != otherwise) json[key] = value;
  };
  add("first_bits", step.first_bits, defaults.first_bits);
  add("last_bits", step.last_bits, defaults.last_bits);
  add("depthwise_bits", step.depthwise_bits, defaults.depthwise_bits);
  add("layer_bits", step.layer_bits, defaults.layer_bits);
  if (step.chooses_bits()) {
    json.erase("weight_bits");
    json["bits"] = "auto";
    json["constants"] = step.constants;
    if (step.prefer != defaults.prefer) json["prefer"] = deploy::name_of(step.prefer);
  }
  add("granularity", choice_name(step.granularity), choice_name(defaults.granularity));
  add("scales", choice_name(step.scales), choice_name(defaults.scales));
  add("rounding", choice_name(step.rounding), choice_name(defaults.rounding));
  add("refits", step.refits, defaults.refits);
  add("bias_correction", step.bias_correction, defaults.bias_correction);
  add("samples", step.samples, defaults.samples);
  return json;
}

Json json_of(const ChooseStep& step) {
  Json json = json_of(step.quantize);
  json["do"] = "choose";
  json["samples"] = step.samples;
  json["judges"] = step.judges;
  return json;
}

Json json_of(const TrainStep& step) {
  return {{"do", "train"},
          {"training", step.changes},
          {"teacher", step.teacher},
          {"batch_norms", step.batch_norms}};
}

Json json_of(const PruneStep& step) {
  Json json{{"do", "prune"},
            {"what", choice_name(step.options.what)},
            {"criterion", choice_name(step.options.criterion)},
            {"scope", choice_name(step.options.scope)},
            {std::string(choice_name(step.target)), step.value},
            {"growth", choice_name(step.growth)}};
  if (step.options.what == Pruned::n_of_m) {
    json["n"] = step.options.n;
    json["m"] = step.options.m;
  }
  if (step.training) {
    Json training = json_of(*step.training);
    training.erase("do");
    json.update(training);
  }
  return json;
}

// By its kind.
Json default_step(const Json& step) {
  const auto defaults = []<size_t... I>(std::index_sequence<I...>) {
    return std::array{Step(std::in_place_index<I>)...};
  }
  (std::make_index_sequence<std::variant_size_v<Step>>{});
  for (const Step& each : defaults)
    if (Json json = std::visit([](const auto& s) { return json_of(s); }, each);
        json.at("do") == step.at("do"))
      return json;
  return Json::object();
}

}  // namespace

Json without(const Json& json, const Json& defaults) {
  Json result = Json::object();
  for (const auto& [key, value] : json.items())
    if (!defaults.contains(key) || defaults.at(key) != value) result[key] = value;
  return result;
}

Json changed_training(const Json& training) {
  return without(training, json_of(TrainOptions{}));
}

Json changed_recipe(const Json& recipe) {
  Json result = recipe;
  for (Json& step : result.at("steps")) {
    Json defaults = default_step(step);
    defaults.erase("do");
    step = without(step, defaults);
  }
  return result;
}

// Numbers as their shortest text has them: 0.3 and not the float's 0.30000001.
Json json_of(const TrainOptions& options) {
  Json json;
  TrainOptions::visit(options, [&](const char* name, const auto& value) {
    if constexpr (std::is_enum_v<std::decay_t<decltype(value)>>) {
      json[name] = choice_name(value);
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
    if (!json.contains(name)) return;
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
  const Json all = json_of(options);
  for (const auto& [key, value] : json.items())
    if (!all.contains(key))
      throw Error(ErrorKind::invalid_input, fmt::format("training has no option '{}'", key));
  return options;
}

Json json_of(const Recipe& recipe) {
  Json steps = Json::array();
  for (const Step& step : recipe.steps)
    steps.push_back(std::visit([](const auto& s) { return json_of(s); }, step));
  return {{"name", recipe.name}, {"steps", steps}};
}

}  // namespace mote::compress
