// `mote compress`: a recipe applied to a float model.
#include "compress/compress.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "cli/accuracy.h"
#include "cli/command.h"
#include "cli/firmware.h"
#include "cli/model.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/samples.h"
#include "formats/model_file.h"

namespace mote::cli {
namespace {

struct CompressOptions : Common {
  std::string model, data, recipe, output, preprocess, bits, constants, prefer = "balance";
  int32_t limit = 0;
  bool int4 = false;
  bool resume = false;
  bool choose = false;
};

// What recipes that search have tried.
struct Found {
  std::optional<compress::MixedBits> bits;
  std::optional<compress::ChosenTechnique> technique;
  std::optional<compress::Agreement> agreement;
};

// Accuracy on the test split, before and after, where there is one with labels.
struct Accuracy {
  Json before, after;
  std::string missing;  // why there is none
};

Accuracy accuracy_of(const CompressOptions& options, const Graph& before, const Graph& after,
                     const std::optional<datasets::Dataset>& data) {
  if (!data) return {nullptr, nullptr, "no --data was given"};
  if (data->test.labels.empty())
    return {nullptr, nullptr, "the data has no test images with labels"};
  const auto top1_of = [&](const Graph& graph) -> Json {
    return evaluate_model(options, graph, evaluate::kDefaultEngine, data->test, options.limit)
        .metrics.top1;
  };
  return {top1_of(before), top1_of(after), {}};
}

std::string names_of_recipes() {
  std::string names;
  for (const compress::Recipe& recipe : compress::built_in_recipes())
    names += (names.empty() ? "" : ", ") + recipe.name;
  return names;
}

std::string accuracy_text(const Accuracy& accuracy) {
  if (!accuracy.missing.empty()) return "not evaluated: " + accuracy.missing;
  return percent(accuracy.after.get<double>()) + ", before " +
         percent(accuracy.before.get<double>());
}

std::optional<datasets::Dataset> data_for(const CompressOptions& options,
                                          const compress::Recipe& recipe, const Graph& model) {
  if (!options.data.empty())
    return datasets::load(
        options.data, {.seed = options.seed, .inputs = evaluate::names_of_several_inputs(model)});
  if (recipe.needs_data())
    throw Error(ErrorKind::usage, fmt::format("the recipe '{}' looks at data", recipe.name), {},
                "give --data; `dynamic_range` and `float16` need none");
  return std::nullopt;
}

std::string bits_text(const std::vector<int32_t>& bits) {
  return fmt::format("{}", fmt::join(bits, " "));
}

// All techniques, the best first.
std::string found_text(const compress::ChosenTechnique& found) {
  std::vector<compress::TechniqueTrial> trials = found.tried;
  std::ranges::stable_sort(
      trials, [](const compress::TechniqueTrial& a, const compress::TechniqueTrial& b) {
        return compress::better(a.divergence, b.divergence);
      });
  Table table({"equalize", "observer", "scales", "rounding", "bias", "agreement", "KL", "SQNR"});
  for (const compress::TechniqueTrial& trial : trials) {
    const compress::Technique& t = trial.technique;
    const bool classes = trial.divergence.classes;
    table.add({t.equalize ? "weights" : "-", std::string(choice_name(t.observer)),
               std::string(choice_name(t.scales)), std::string(choice_name(t.rounding)),
               t.bias_correction ? "corrected" : "-",
               classes ? percent(trial.divergence.agreement) : "-",
               classes ? fmt::format("{:.5f}", trial.divergence.kl) : "-",
               fmt::format("{:.2f} dB", trial.divergence.sqnr_db())});
  }
  return table.text() + "\n";
}

// The bits by layer, and what other budgets give.
std::string found_text(const compress::MixedBits& found) {
  Table layers({"layer", "bits", "constants"});
  const compress::BitsTrial& best = found.tried.at(0);
  for (size_t i = 0; i < best.bits.size(); i++) {
    const compress::SearchedLayer& layer = found.sensitivities.layers[i];
    const auto row =
        std::ranges::find(layer.sensitivity, best.bits[i], &compress::LayerSensitivity::bits);
    layers.add({layer.name, std::to_string(best.bits[i]), grouped(row->constant_bytes) + " B"});
  }
  const bool classes = best.divergence.classes;
  Table front({"constants", classes ? "KL" : "squared error", "agreement", "bits"});
  for (const compress::BitsTrial& trial : found.front)
    front.add({grouped(trial.constant_bytes) + " B", fmt::format("{:.5f}", trial.divergence.loss()),
               classes ? percent(trial.divergence.agreement) : "-", bits_text(trial.bits)});
  return layers.text() + "\n" + front.text() + "\n";
}

std::string disagreement_of(const compress::Agreement& agreement) {
  return fmt::format(
      "the integer model gives {} of {} samples another class than training saw: sums round "
      "otherwise than fake quantization; trust the accuracy of the integer model",
      agreement.samples - agreement.same, agreement.samples);
}

// Recipes that train or search show how far they are.
Graph compress_visibly(const CompressOptions& options, const Graph& model,
                       const compress::Recipe& recipe, const datasets::Dataset& data,
                       const compress::Checkpoint& checkpoint, Found& found) {
  ProgressBar bar(options, recipe.name);
  compress::CompressOptions settings{.seed = options.seed, .checkpoint = checkpoint};
  settings.training = compress::default_options(model.name, data.name);
  if (options.threads > 0) settings.training.threads = options.threads;
  settings.progress = [&](const compress::CompressProgress& p) {
    const compress::TrainProgress& t = p.training;
    if (t.epochs == 0) return bar.show(p.done, 1, p.what);
    bar.show(t.epoch - 1 + static_cast<double>(t.step) / t.steps, t.epochs,
             fmt::format("step {} of {}, {}: epoch {} of {}, loss {:.3f}", p.step, p.steps, p.what,
                         t.epoch, t.epochs, t.loss),
             t.eta_seconds);
  };
  settings.found_bits = [&](const compress::MixedBits& bits) { found.bits = bits; };
  settings.found_technique = [&](const compress::ChosenTechnique& technique) {
    found.technique = technique;
  };
  settings.agreement = [&](const compress::Agreement& agreement) { found.agreement = agreement; };
  return compress::compress(model, recipe, data.train, settings);
}

void run(const CompressOptions& options) {
  formats::check_writable(options.output);
  const deploy::Preference prefer = deploy::preference(options.prefer);
  compress::Recipe recipe =
      compress::with_bits(compress::load_recipe(options.recipe), options.bits, options.constants);
  recipe = compress::with_preference(std::move(recipe), prefer);
  if (options.choose) recipe = compress::with_choice(std::move(recipe));
  const Graph before = open_model(options, options.model, options.preprocess);
  const std::optional<datasets::Dataset> data = data_for(options, recipe, before);
  std::vector<std::string> notes;
  if (data)
    notes = evaluate::notes_on(before, data->train.count() > 0 ? data->train : data->test,
                               data->classes());
  print_notes(options, options.model, notes);
  const compress::Checkpoint checkpoint{options.output + ".checkpoint.mote", options.resume};
  Found found;
  const Graph after = compress_visibly(options, before, recipe, data.value_or(datasets::Dataset()),
                                       checkpoint, found);
  if (found.agreement && !found.agreement->holds()) {
    notes.push_back(disagreement_of(*found.agreement));
    print_notes(options, options.output, {notes.back()});
  }
  const Accuracy accuracy = accuracy_of(options, before, after, data);
  formats::write_model(options.output, after, {.int4_weights = options.int4});
  compress::remove_checkpoint(checkpoint);

  const int64_t file_bytes = evaluate::file_sizes(options.output).file_bytes;
  const auto constant_bytes = [&](const Graph& graph) {
    return evaluate::inspect(graph, evaluate::Passes::all, prefer).constant_bytes;
  };
  const int64_t bytes_before = constant_bytes(before), bytes_after = constant_bytes(after);
  Json fields{{"model", options.output},
              {"recipe", recipe.name},
              {"scheme", name_of(recipe.scheme())},
              {"data", data ? Json(data->name) : Json()},
              {"synthetic", data && data->synthetic},
              {"file_bytes", file_bytes},
              {"constant_bytes", bytes_after},
              {"constant_bytes_before", bytes_before},
              {"top1_before", accuracy.before},
              {"top1_after", accuracy.after},
              {"notes", notes}};
  if (found.bits) fields["found_bits"] = compress::json_of(*found.bits);
  if (found.technique) fields["found_technique"] = compress::json_of(*found.technique);
  if (!accuracy.missing.empty()) fields["not_evaluated"] = accuracy.missing;
  const std::string name = data ? data->name + (data->synthetic ? " (synthetic)" : "") : "-";
  std::vector<std::pair<std::string, std::string>> lines = {
      {"model", options.output},
      {"scheme", std::string(name_of(recipe.scheme()))},
      {"data", name},
      {"file", grouped(file_bytes) + " B"},
      {"network constants", grouped(bytes_after) + " B, before " + grouped(bytes_before) + " B"},
      {"top-1 (test)", accuracy_text(accuracy)}};
  if (found.agreement) {
    fields["agreement"] = {{"same", found.agreement->same}, {"samples", found.agreement->samples}};
    lines.emplace_back("classes as trained", fmt::format("{} of {} samples", found.agreement->same,
                                                         found.agreement->samples));
  }
  print_result(options, "compress", fields,
               (found.bits ? found_text(*found.bits) : "") +
                   (found.technique ? found_text(*found.technique) : "") + facts(lines));
}

}  // namespace

void add_compress(CLI::App& app) {
  auto options = std::make_shared<CompressOptions>();
  CLI::App* verb =
      add_verb(app, "compress", "Compresses a float model by a recipe",
               "mote compress f.tflite --data fashion-mnist --recipe int8 -o f_int8.tflite\n"
               "mote compress f.tflite --data images.npz --recipe mine.toml -o small.tflite\n"
               "mote compress f.tflite --recipe float16 -o f_float16.tflite\n"
               "mote compress f.tflite --data images.npz --preprocess scale=1/255 --recipe int8 -o "
               "f_int8.tflite",
               *options);
  verb->add_option("MODEL", options->model, "A float .tflite or .mote file, or zoo:NAME")
      ->required();
  verb->add_option(
      "--data", options->data,
      data_help("calibrates and trains on its training split, tests on its test split; "
                "labels are optional. Recipes that look at no data need none"));
  verb->add_option("--recipe", options->recipe,
                   names_of_recipes() + " (`mote recipes` says what they are), or a .toml")
      ->required();
  verb->add_option("-o,--output", options->output, "The model to write, .tflite or .mote")
      ->required();
  verb->add_option("--bits", options->bits,
                   "auto: of each layer's weights those for which the network is best within "
                   "--constants, whatever the recipe says")
      ->check(CLI::IsMember({"auto"}));
  verb->add_option("--constants", options->constants,
                   "How many bytes of constants the network may have: 40960, 40K, or a share of "
                   "the plain model's, '50 %'");
  add_prefer(verb, options->prefer);
  verb->add_flag("--choose", options->choose,
                 "In the place of the recipe's own, the techniques of quantization by which the "
                 "network agrees best with its float self");
  verb->add_flag("--resume", options->resume,
                 "Go on from the checkpoint beside the output, of a recipe that trains and was "
                 "interrupted");
  verb->add_flag("--int4", options->int4,
                 "Write weights of 4 bits or less as INT4: half the file, for fewer runtimes");
  verb->add_option("--limit", options->limit, "Test so many images; 0: all")
      ->check(CLI::NonNegativeNumber);
  add_preprocess(verb, options->preprocess);
  on_run(verb, options, run);
}

}  // namespace mote::cli
