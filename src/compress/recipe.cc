#include "compress/recipe.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/resources.h"
#include "base/toml_reader.h"
#include "compress/search/constants.h"

namespace mote::compress {
namespace {

constexpr std::string_view kFolder = "compress/recipes/";

// The schemes that `has` holds for, as a list for people.
template <class Predicate>
std::string names_of_schemes(Predicate&& has) {
  std::vector<std::string_view> names;
  for (const SchemeInfo& info : schemes())
    if (has(info)) names.push_back(info.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool any_scheme(const SchemeInfo&) {
  return true;
}
bool integer_activations(const SchemeInfo& info) {
  return info.integer_activations();
}
bool integer_weights(const SchemeInfo& info) {
  return info.integer_weights();
}
bool wide_biases(const SchemeInfo& info) {
  return info.bias == DType::int64;
}

// What a step trains with; null where it does not.
const TrainStep* training_of(const Step& step) {
  if (const auto* prune = std::get_if<PruneStep>(&step))
    return prune->training ? &*prune->training : nullptr;
  return std::get_if<TrainStep>(&step);
}

class RecipeReader : TomlReader {
 public:
  using TomlReader::TomlReader;

  Recipe read(std::string_view text) const { return recipe(parse(text, "a recipe is TOML")); }

 private:
  Step step(const toml::table& table) const {
    if (!table.contains("do"))
      fail(table, "a step without `do`", "say what the step does: do = \"calibrate\"");
    const std::string what = text(table, "do", "");
    expect(table, "do", what, {"calibrate", "choose", "equalize", "prune", "quantize", "train"});
    if (what == "prune") return prune_step(table);
    if (what == "train") {
      allow(table, with_changes({"do", "teacher", "batch_norms"}));
      return train_step(table);
    }
    if (what == "equalize") {
      allow(table, {"do", "by", "samples"});
      return EqualizeStep{choice(table, "by", EqualizeBy::weights),
                          integer(table, "samples", EqualizeStep{}.samples, 1, 1 << 20)};
    }
    if (what == "calibrate") return calibrate_step(table);
    if (what == "choose") return choose_step(table);
    return quantize_step(table);
  }

  static std::set<std::string_view> with_changes(std::set<std::string_view> keys) {
    keys.merge(change_keys());
    return keys;
  }

  TrainStep train_step(const toml::table& table) const {
    if (table.contains("teacher") && !table.contains("distillation"))
      fail(*table.get("teacher"), "'teacher' without `distillation`",
           "distillation = 0.5 gives it half of the loss, 1 all of it");
    std::string teacher = text(table, "teacher", "");
    if (!teacher.empty()) teacher = resolved(*table.get("teacher"), teacher);
    return {read_changes(*this, table, Shares::allowed), std::move(teacher),
            boolean(table, "batch_norms", true)};
  }

  template <class Enum>
  Enum choice(const toml::table& table, std::string_view key, Enum otherwise) const {
    const auto names = choices<Enum>();
    const std::string name = text(table, key, std::string(choice_name(otherwise)));
    expect(table, key, name, {names.begin(), names.end()});
    return *choice_of<Enum>(name);
  }

  PruneStep prune_step(const toml::table& table) const {
    allow(table, with_changes({"do", "what", "criterion", "scope", "n", "m", "sparsity", "macs",
                               "constants", "ram", "growth", "teacher", "batch_norms"}));
    PruneStep step;
    PruneOptions& options = step.options;
    options.what = choice(table, "what", options.what);
    options.criterion = choice(table, "criterion", options.criterion);
    options.scope = choice(table, "scope", options.scope);
    for (const char* key : {"n", "m"})
      if (table.contains(key) && options.what != Pruned::n_of_m)
        fail(*table.get(key), fmt::format("'{}' without what = \"n_of_m\"", key), "leave it out");
    options.m = integer(table, "m", options.m, 2, 16);
    options.n = integer(table, "n", options.n, 1, options.m - 1);
    how_much(table, step);
    step.growth = choice(table, "growth", step.growth);
    if (epochs_of(table)) step.training = train_step(table);
    check_criterion(table, step);
    return step;
  }

  void how_much(const toml::table& table, PruneStep& step) const {
    const toml::node* given = nullptr;
    for (const std::string_view name : choices<Target>()) {
      const toml::node* node = table.get(name);
      if (node == nullptr) continue;
      if (given != nullptr)
        fail(*node, fmt::format("'{}' and '{}'", choice_name(step.target), name),
             "say one of them");
      given = node;
      step.target = *choice_of<Target>(name);
      if (step.target != Target::sparsity && step.options.what != Pruned::channels)
        fail(*node, fmt::format("'{}' without what = \"channels\"", name), "say `sparsity`");
      step.value = real(table, name, 0, 0, step.target == Target::sparsity ? 1 : 1e15);
    }
    if (given != nullptr) return;
    if (step.options.what != Pruned::n_of_m)
      fail(table, "`prune` without `sparsity`",
           step.options.what == Pruned::channels
               ? "sparsity = 0.5 leaves half of the channels, macs = 0.5 half of the work; "
                 "constants and ram likewise, above 1 in bytes"
               : "sparsity = 0.8 leaves a fifth");
    step.value = 1;  // the whole pattern
  }

  void check_criterion(const toml::table& table, const PruneStep& step) const {
    const Criterion criterion = step.options.criterion;
    if (criterion != Criterion::batch_norm && criterion != Criterion::reconstruction) return;
    const toml::node& node = *table.get("criterion");
    if (step.options.what != Pruned::channels)
      fail(node, fmt::format("'{}' judges channels", choice_name(criterion)),
           "what = \"channels\", or criterion = \"magnitude\" or \"taylor\"");
    const bool trained = step.training && step.training->batch_norms;
    if (criterion == Criterion::batch_norm && !trained)
      fail(node, "batch norms are there only while a network is trained", "say `epochs`");
    if (criterion == Criterion::reconstruction && step.training)
      fail(node, "'reconstruction' refits what stays at once, and is not trained meanwhile",
           "leave `epochs` out, and let a step do = \"train\" follow");
  }

  // Whether the network is trained while it is pruned.
  bool epochs_of(const toml::table& table) const {
    const toml::node* epochs = table.get("epochs");
    if (epochs != nullptr && epochs->value<int64_t>() != 0) return true;
    for (const auto& [key, value] : table) {
      const std::set<std::string_view> needs = with_changes({"growth", "teacher", "batch_norms"});
      if (key != "epochs" && needs.contains(key.str()))
        fail(value, fmt::format("'{}' without `epochs`", key.str()),
             "say how long the network is trained while it is pruned, or leave it out");
    }
    return false;
  }

  CalibrateStep calibrate_step(const toml::table& table) const {
    allow(table, {"do", "observer", "samples", "percentile"});
    CalibrateStep step;
    step.observer = choice(table, "observer", step.observer);
    step.samples = integer(table, "samples", step.samples, 1, 1 << 20);
    if (table.contains("percentile") && step.observer != Observer::percentile)
      fail(*table.get("percentile"), "'percentile' without observer = \"percentile\"",
           "leave it out");
    step.percentile = real(table, "percentile", step.percentile, 50, 100);
    return step;
  }

  QuantizeStep quantize_step(const toml::table& table) const {
    allow(table, {"do", "scheme", "weight_bits", "bias_bits", "first_bits", "last_bits",
                  "depthwise_bits", "layer_bits", "bits", "constants", "prefer", "granularity",
                  "scales", "rounding", "refits", "bias_correction", "samples"});
    QuantizeStep step;
    const SchemeInfo& info = scheme_keys(table, step);
    weight_keys(table, info, step);
    if (takes(table, "granularity", info, integer_weights))
      step.granularity = choice(table, "granularity", step.granularity);
    if (takes(table, "scales", info, integer_weights))
      step.scales = choice(table, "scales", step.scales);
    bits_keys(table, info, step);
    rounding_keys(table, info, step);
    return step;
  }

  ChooseStep choose_step(const toml::table& table) const {
    allow(table, {"do", "scheme", "weight_bits", "bias_bits", "first_bits", "last_bits",
                  "depthwise_bits", "layer_bits", "samples", "judges"});
    ChooseStep step;
    const SchemeInfo& info = scheme_keys(table, step.quantize);
    if (!integer_activations(info))
      fail(*table.get("scheme"), fmt::format("nothing to choose in scheme '{}'", info.name),
           "schemes that have: " + names_of_schemes(integer_activations));
    weight_keys(table, info, step.quantize);
    step.samples = integer(table, "samples", step.samples, 1, 1 << 20);
    step.judges = integer(table, "judges", step.judges, 1, 1 << 20);
    return step;
  }

  const SchemeInfo& scheme_keys(const toml::table& table, QuantizeStep& step) const {
    const std::string name = text(table, "scheme", std::string(name_of(step.scheme)));
    const std::optional<Scheme> scheme = parse_scheme(name);
    if (!scheme)
      fail(*table.get("scheme"), fmt::format("unknown scheme '{}'", name),
           "allowed: " + names_of_schemes(any_scheme));
    step.scheme = *scheme;
    const SchemeInfo& info = info_of(step.scheme);
    if (takes(table, "bias_bits", info, wide_biases))
      step.bias_bits = integer(table, "bias_bits", step.bias_bits, 32, 64);
    if (step.bias_bits != 32 && step.bias_bits != 64)
      fail(*table.get("bias_bits"), "'bias_bits' must be 32 or 64", "");
    return info;
  }

  void weight_keys(const toml::table& table, const SchemeInfo& info, QuantizeStep& step) const {
    const auto bits = [&](const char* key, int32_t& value) {
      if (takes(table, key, info, integer_weights))
        value = integer(table, key, value, info.least_weight_bits, info.most_weight_bits());
    };
    bits("weight_bits", step.weight_bits);
    bits("first_bits", step.first_bits);
    bits("last_bits", step.last_bits);
    bits("depthwise_bits", step.depthwise_bits);
    if (!takes(table, "layer_bits", info, integer_weights)) return;
    const toml::table* layers = table.get("layer_bits")->as_table();
    if (layers == nullptr)
      fail(*table.get("layer_bits"), "'layer_bits' must be a table",
           "layer_bits = { \"conv1\" = 8 }, by the names that `mote inspect` shows");
    for (const auto& entry : *layers)
      step.layer_bits[std::string(entry.first.str())] =
          integer(*layers, entry.first.str(), 0, info.least_weight_bits, info.most_weight_bits());
  }

  void bits_keys(const toml::table& table, const SchemeInfo& info, QuantizeStep& step) const {
    const toml::node* constants = table.get("constants");
    if (!takes(table, "bits", info, integer_weights)) {
      for (const char* key : {"constants", "prefer"})
        if (const toml::node* node = table.get(key))
          fail(*node, fmt::format("'{}' without bits = \"auto\"", key), "say both, or none");
      return;
    }
    const toml::node& bits = *table.get("bits");
    expect(table, "bits", text(table, "bits", ""), {"auto"});
    if (table.contains("weight_bits")) fail(bits, "'bits' and 'weight_bits'", "say one of them");
    if (constants == nullptr)
      fail(bits, "bits = \"auto\" without `constants`",
           fmt::format("say how many bytes they may have: {}", kConstantsHint));
    const std::string amount = constants->is_string()
                                   ? text(table, "constants", "")
                                   : fmt::format("{}", real(table, "constants", 0, 0, 1e15));
    const std::optional<double> parsed = parse_constants(amount);
    if (!parsed) fail(*constants, "'constants' says neither bytes nor a share", kConstantsHint);
    step.constants = *parsed;
    if (!table.contains("prefer")) return;
    const std::vector<std::string> names = deploy::preferences();
    const std::string prefer = text(table, "prefer", "");
    expect(table, "prefer", prefer, {names.begin(), names.end()});
    step.prefer = deploy::preference(prefer);
  }

  void rounding_keys(const toml::table& table, const SchemeInfo& info, QuantizeStep& step) const {
    if (takes(table, "rounding", info, integer_weights))
      step.rounding = choice(table, "rounding", step.rounding);
    if (takes(table, "bias_correction", info, integer_weights))
      step.bias_correction = boolean(table, "bias_correction", step.bias_correction);
    if (table.contains("refits") && step.rounding != Rounding::gptq)
      fail(*table.get("refits"), "'refits' without rounding = \"gptq\"", "leave it out");
    if (table.contains("refits") && step.granularity == Granularity::per_tensor)
      fail(*table.get("refits"), "'refits' with granularity = \"per_tensor\"",
           "scales are fitted to each channel: leave it out");
    step.refits = integer(table, "refits", step.refits, 0, 100);
    if (table.contains("samples") && !step.looks_at_samples())
      fail(*table.get("samples"), "'samples' that nothing looks at",
           "rounding = \"gptq\" and bias_correction = true do");
    step.samples = integer(table, "samples", step.samples, 1, 1 << 20);
  }

  // Whether `key` is there; fails where it is and the scheme does not have what it sets.
  template <class Predicate>
  bool takes(const toml::table& table, std::string_view key, const SchemeInfo& info,
             Predicate&& has) const {
    const toml::node* node = table.get(key);
    if (node != nullptr && !has(info))
      fail(*node, fmt::format("scheme '{}' has no '{}'", info.name, key),
           "schemes that have: " + names_of_schemes(has));
    return node != nullptr;
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
    check_order(recipe, *steps->as_array());
    return recipe;
  }

  // What trains through fake quantization.
  void check_integers(const Recipe& recipe, const TrainStep& step, const toml::node& at) const {
    const QuantizeStep* quantize = recipe.quantize_step();
    if (quantize != nullptr && quantize->granularity == Granularity::per_tensor && step.batch_norms)
      fail(at, "batch norms would end in scales per channel",
           "batch_norms = false, since `quantize` has granularity = \"per_tensor\"");
  }

  // Quantizing activations needs their ranges; nothing else does.
  void check_order(const Recipe& recipe, const toml::array& at) const {
    const bool needs_ranges = info_of(recipe.scheme()).integer_activations();
    bool calibrated = false, quantized = false;
    for (size_t i = 0; i < recipe.steps.size(); i++) {
      if (quantized) fail(at[i], "a step after `quantize`", "quantize once, in the last step");
      const TrainStep* training = training_of(recipe.steps[i]);
      if (training != nullptr && !calibrated && training->changes.contains("rate"))
        fail(at[i], "'rate', but no integers whose bits it would count",
             "say it in a step do = \"train\" between `calibrate` and `quantize`");
      if (std::holds_alternative<ChooseStep>(recipe.steps[i])) {
        quantized = true;
        if (calibrated)
          fail(at[i], "`choose` after `calibrate`", "it calibrates itself: leave `calibrate` out");
      } else if (std::holds_alternative<CalibrateStep>(recipe.steps[i])) {
        calibrated = true;
        if (!needs_ranges)
          fail(at[i], "`calibrate`, but no `quantize` to integer activations follows",
               "leave it out, or quantize to " + names_of_schemes(integer_activations));
      } else if (const auto* train = std::get_if<TrainStep>(&recipe.steps[i])) {
        if (calibrated) check_integers(recipe, *train, at[i]);  // it learns the ranges
      } else if (!std::holds_alternative<QuantizeStep>(recipe.steps[i])) {
        if (calibrated)
          fail(at[i], "a step between `calibrate` and `quantize`",
               "it would change the ranges that were found: put it before");
      } else {
        quantized = true;
        if (needs_ranges && !calibrated)
          fail(at[i], "`quantize` before `calibrate`", "put a step do = \"calibrate\" before it");
      }
    }
  }
};

const QuantizeOptions* quantizing_of(const Step& step) {
  if (const auto* choose = std::get_if<ChooseStep>(&step)) return &choose->quantize;
  return std::get_if<QuantizeStep>(&step);
}

Recipe parse_recipe(std::string_view text, const std::string& where) {
  return RecipeReader(where).read(text);
}

}  // namespace

const QuantizeStep* Recipe::quantize_step() const {
  for (const Step& step : steps)
    if (const QuantizeOptions* quantize = quantizing_of(step)) return quantize;
  return nullptr;
}

Scheme Recipe::scheme() const {
  const QuantizeStep* quantize = quantize_step();
  return quantize != nullptr ? quantize->scheme : Scheme::float32;
}

bool Recipe::trains_integers() const {
  const auto calibrate = std::ranges::find_if(
      steps, [](const Step& step) { return std::holds_alternative<CalibrateStep>(step); });
  return std::any_of(calibrate, steps.end(),
                     [](const Step& step) { return std::holds_alternative<TrainStep>(step); });
}

bool Recipe::needs_data() const {
  const auto looks = [](const Step& step) {
    const auto* prune = std::get_if<PruneStep>(&step);
    const auto* quantize = std::get_if<QuantizeStep>(&step);
    return std::holds_alternative<CalibrateStep>(step) ||
           std::holds_alternative<EqualizeStep>(step) || std::holds_alternative<ChooseStep>(step) ||
           (quantize != nullptr && quantize->looks_at_samples()) ||
           (prune != nullptr && (prune->options.criterion == Criterion::taylor ||
                                 prune->options.criterion == Criterion::reconstruction));
  };
  return trains() || std::ranges::any_of(steps, looks);
}

bool Recipe::trains() const {
  return std::ranges::any_of(steps, [](const Step& step) { return training_of(step) != nullptr; });
}

bool Recipe::prunes() const {
  return std::ranges::any_of(
      steps, [](const Step& step) { return std::holds_alternative<PruneStep>(step); });
}

int32_t Recipe::epochs(const TrainOptions& options) const {
  int32_t sum = 0;
  for (const Step& step : steps)
    if (const TrainStep* training = training_of(step))
      sum += changed(options, training->changes).epochs;
  return sum;
}

Recipe with_choice(Recipe recipe) {
  const SchemeInfo& info = info_of(recipe.scheme());
  if (!info.integer_activations() || recipe.steps.empty())
    throw Error(ErrorKind::usage,
                fmt::format("the recipe '{}' leaves no technique to choose", recipe.name), {},
                "recipes that do quantize to " + names_of_schemes(integer_activations));
  ChooseStep choose;
  if (std::holds_alternative<ChooseStep>(recipe.steps.back())) return recipe;
  choose.quantize = std::get<QuantizeStep>(recipe.steps.back());
  if (choose.quantize.chooses_bits())
    throw Error(
        ErrorKind::usage,
        fmt::format("the recipe '{}' chooses bits, by techniques that it says", recipe.name), {},
        "choose one of both");
  const QuantizeOptions plain;
  choose.quantize.scales = plain.scales;
  choose.quantize.rounding = plain.rounding;
  choose.quantize.refits = plain.refits;
  choose.quantize.bias_correction = plain.bias_correction;
  choose.quantize.samples = plain.samples;
  std::erase_if(recipe.steps, [](const Step& step) {
    return std::holds_alternative<CalibrateStep>(step) ||
           std::holds_alternative<EqualizeStep>(step) || std::holds_alternative<QuantizeStep>(step);
  });
  recipe.steps.emplace_back(choose);
  return recipe;
}

Recipe with_bits(Recipe recipe, const std::string& bits, const std::string& constants) {
  if (bits.empty() && constants.empty()) return recipe;
  const auto quantizes = [](const Step& step) {
    const auto* quantize = std::get_if<QuantizeStep>(&step);
    return quantize != nullptr && info_of(quantize->scheme).integer_weights();
  };
  const auto step = std::ranges::find_if(recipe.steps, quantizes);
  if (step == recipe.steps.end())
    throw Error(ErrorKind::usage, fmt::format("the recipe '{}' gives no weights bits", recipe.name),
                {}, "leave --bits and --constants out, or take `mixed`");
  auto& quantize = std::get<QuantizeStep>(*step);
  if (!bits.empty() && bits != "auto")
    throw Error(ErrorKind::usage, fmt::format("--bits {}", bits), {}, "--bits auto");
  if (bits.empty() && !quantize.chooses_bits())
    throw Error(ErrorKind::usage,
                fmt::format("the recipe '{}' says the bits of its weights", recipe.name), {},
                "--bits auto chooses them within --constants");
  if (constants.empty() && !quantize.chooses_bits())
    throw Error(ErrorKind::usage, "--bits auto without --constants", {}, kConstantsHint);
  if (constants.empty()) return recipe;
  const std::optional<double> parsed = parse_constants(constants);
  if (!parsed)
    throw Error(ErrorKind::usage, fmt::format("--constants {}", constants), {}, kConstantsHint);
  quantize.constants = *parsed;
  quantize.weight_bits = QuantizeStep{}.weight_bits;
  return recipe;
}

Recipe with_preference(Recipe recipe, deploy::Preference prefer) {
  for (Step& step : recipe.steps)
    if (auto* quantize = std::get_if<QuantizeStep>(&step); quantize && quantize->chooses_bits())
      quantize->prefer = prefer;
  return recipe;
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
  if (!has_extension(name_or_path, ".toml"))
    throw Error(ErrorKind::usage, fmt::format("no recipe '{}'", name_or_path), {},
                fmt::format("recipes: {}, or the path of a .toml", fmt::join(names, ", ")));
  const Bytes bytes = read_file(name_or_path);
  return parse_recipe({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name_or_path);
}

}  // namespace mote::compress
