// `mote compress`: a recipe applied to a float model.
#include "compress/compress.h"
#include "cli/accuracy.h"
#include "cli/command.h"
#include "cli/model.h"
#include "cli/output.h"
#include "datasets/dataset.h"
#include "evaluate/engine.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "formats/model_file.h"

namespace mote::cli {
namespace {

struct Options : Common {
  std::string model, data, recipe, output, preprocess;
  int32_t limit = 0;
  bool int4 = false;
};

// Accuracy on the test split; nothing where the data has none.
Json top1_of(const Options& options, const Graph& graph, const datasets::Dataset& data) {
  if (data.test.labels.empty()) return nullptr;
  return evaluate_model(options, graph, evaluate::kDefaultEngine, data.test, options.limit)
      .metrics.top1;
}

std::string names_of_recipes() {
  std::string names;
  for (const compress::Recipe& recipe : compress::built_in_recipes())
    names += (names.empty() ? "" : ", ") + recipe.name;
  return names;
}

std::string text_of(const Json& top1) {
  return top1.is_null() ? "no labels" : percent(top1.get<double>());
}

void run(const Options& options) {
  formats::check_writable(options.output);
  const compress::Recipe recipe = compress::load_recipe(options.recipe);
  const Graph before = open_model(options, options.model, options.preprocess);
  const datasets::Dataset data = datasets::load(options.data, {.seed = options.seed});
  const std::vector<std::string> notes = evaluate::notes_on(
      before, data.train.count() > 0 ? data.train : data.test, data.classes());
  print_notes(options, options.model, notes);
  const Graph after = compress::compress(before, recipe, data.train, {.seed = options.seed});
  const Json top1_before = top1_of(options, before, data);
  const Json top1_after = top1_of(options, after, data);
  formats::write_model(options.output, after, {.int4_weights = options.int4});

  const int64_t file_bytes = evaluate::file_sizes(options.output).file_bytes;
  const int64_t bytes_before = evaluate::inspect(before).constant_bytes;
  const int64_t bytes_after = evaluate::inspect(after).constant_bytes;
  print_result(options, "compress",
               {{"model", options.output},
                {"recipe", recipe.name},
                {"scheme", name_of(recipe.scheme())},
                {"data", data.name},
                {"synthetic", data.synthetic},
                {"file_bytes", file_bytes},
                {"constant_bytes", bytes_after},
                {"constant_bytes_before", bytes_before},
                {"top1_before", top1_before},
                {"top1_after", top1_after},
                {"notes", notes}},
               facts({{"model", options.output},
                      {"scheme", std::string(name_of(recipe.scheme()))},
                      {"data", data.name + (data.synthetic ? " (synthetic)" : "")},
                      {"file", grouped(file_bytes) + " B"},
                      {"network constants",
                       grouped(bytes_after) + " B, before " + grouped(bytes_before) + " B"},
                      {"top-1 (test)", text_of(top1_after) + ", before " + text_of(top1_before)}}));
}

}  // namespace

void add_compress(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(app, "compress", "Compresses a float model by a recipe",
               "mote compress f.tflite --data fashion-mnist --recipe int8 -o f_int8.tflite\n"
               "mote compress f.tflite --data images.npz --recipe mine.toml -o small.tflite",
               *options);
  verb->add_option("MODEL", options->model, "A float .tflite or .mote file, or zoo:NAME")
      ->required();
  verb->add_option("--data", options->data,
                   data_help("calibrates on its training split, tests on its test split; labels "
                             "are optional"))
      ->required();
  verb->add_option("--recipe", options->recipe,
                   names_of_recipes() + " (`mote recipes` says what they are), or a .toml")
      ->required();
  verb->add_option("-o,--output", options->output, "The model to write, .tflite or .mote")
      ->required();
  verb->add_flag("--int4", options->int4,
                 "Write weights of 4 bits or less as INT4: half the file, for fewer runtimes");
  verb->add_option("--limit", options->limit, "Test so many images; 0: all")
      ->check(CLI::NonNegativeNumber);
  add_preprocess(verb, options->preprocess);
  on_run(verb, options, run);
}

}  // namespace mote::cli
