// `mote deploy`: a model as C firmware, measured, and with --run proven in the emulator.
#include <filesystem>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/firmware.h"
#include "cli/model.h"
#include "cli/optimization.h"
#include "cli/output.h"
#include "datasets/dataset.h"
#include "deploy/devices/device.h"
#include "deploy/emit/emit.h"
#include "evaluate/firmware.h"
#include "evaluate/json.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/optimization.h"
#include "evaluate/samples.h"

namespace mote::cli {
namespace {

struct DeployOptions : Common {
  std::string model, device, output, name, data, preprocess, prefer;
  int32_t samples = 10;
  bool run = false;
  bool no_optimize = false;
};

// "zoo:custom?width=2" and "models/f_int8.tflite" give "custom" and "f_int8".
std::string stem(const std::string& model) {
  const std::string path = model.starts_with("zoo:") ? model.substr(4, model.find('?') - 4) : model;
  return std::filesystem::path(path).stem();
}

// What runs in the emulator; nothing without --run. `notes` gets what to know of the model and its
// data.
std::vector<evaluate::Inputs> samples_of(const DeployOptions& options, const Graph& graph,
                                         std::vector<std::string>& notes) {
  if (!options.run) return {};
  if (options.data.empty()) return evaluate::self_test_inputs(graph, options.samples);
  const datasets::Dataset data = datasets::load(
      options.data, {.seed = options.seed, .inputs = evaluate::names_of_several_inputs(graph)});
  const datasets::Split& samples = datasets::test_or_train(data);
  notes = evaluate::notes_on(graph, samples, data.classes());
  return evaluate::sample_inputs(graph, samples, options.samples);
}

// Where the model's name is none for C.
void note_name(const std::string& wanted, const std::string& name,
               std::vector<std::string>& notes) {
  if (lower_case(wanted) == name) return;
  notes.push_back(fmt::format(
      "files and symbols are called {}, since '{}' is no name for them; models of other "
      "names may be called the same: --name gives another",
      name, wanted));
}

// Where they come from, for scripts and for people.
Json inputs_field(const DeployOptions& options) {
  if (!options.run) return nullptr;
  return options.data.empty() ? "self_test" : "data";
}

std::string inputs_text(const DeployOptions& options) {
  return options.data.empty() ? "the self-test's and its like" : "of " + options.data;
}

void run(const DeployOptions& options) {
  Graph original = open_model(options, options.model, options.preprocess);
  const evaluate::Optimization optimization = options.no_optimize
                                                  ? evaluate::not_optimized(std::move(original))
                                                  : evaluate::optimize(std::move(original));
  const Graph& graph = optimization.graph;
  const deploy::Device device = deploy::load_device(options.device, options.prefer);
  const std::string wanted = options.name.empty() ? stem(options.model) : options.name;
  const deploy::EmitOptions emit_options = evaluate::firmware_options(graph, wanted);
  std::vector<std::string> notes;
  const evaluate::FirmwareFigures figures = evaluate::deploy_firmware(
      graph, device, emit_options, options.output, samples_of(options, graph, notes));
  note_name(wanted, emit_options.name, notes);
  print_notes(options, options.model, notes);

  Json fields{{"model", options.model},
              {"device", device.name},
              {"directory", options.output},
              {"name", emit_options.name},
              {"data", options.data.empty() ? Json() : Json(options.data)},
              {"inputs", inputs_field(options)}};
  fields.update(evaluate::json_of(figures));
  fields["arena_lower_bound_bytes"] = figures.plan.lower_bound_bytes;
  fields["arena_optimal"] = figures.plan.optimal;
  fields["optimization"] = optimization_fields(optimization);
  fields["notes"] = notes;
  fields["layers"] = layer_fields(graph, figures);
  fields["weights"] = evaluate::json_of(figures.weights);
  print_result(options, "deploy", fields,
               text_of(options.output, device, figures, inputs_text(options)) +
                   "\nremoved beforehand: " + removed_text(optimization) + "\n");
  if (figures.check && !figures.check->outputs_equal)
    throw Error(ErrorKind::internal, "the firmware computes something else than the host",
                figures.check->first_difference);
}

}  // namespace

void add_deploy(CLI::App& app) {
  auto options = std::make_shared<DeployOptions>();
  CLI::App* verb =
      add_verb(app, "deploy", "Writes a model as C firmware for a device",
               "mote deploy f_int8.tflite --device mps2-an386 -o firmware\n"
               "mote deploy f_int8.tflite --device microbit -o firmware --run\n"
               "mote deploy f_int8.tflite --device microbit -o firmware --run --data fashion-mnist "
               "--samples 20\n"
               "mote deploy f_int8.tflite --device my_board.toml -o firmware --name gestures\n"
               "mote deploy f_int4.tflite --device microbit -o firmware --prefer flash",
               *options);
  verb->add_option("MODEL", options->model, "A .tflite or .mote file, or zoo:NAME")->required();
  verb->add_option("--device", options->device, "A name that `mote devices` lists, or a .toml")
      ->required();
  verb->add_option("-o,--output", options->output, "The directory to write")->required();
  verb->add_option("--name", options->name, "Prefix of the C code; default: the model's name");
  verb->add_flag("--run", options->run, "Run it in the emulator, compare every byte with the host");
  verb->add_option(
      "--data", options->data,
      data_help("--run runs its test split; without, seeded numbers as the self-test has them"));
  verb->add_option("--samples", options->samples, "How many samples to run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_prefer(verb, options->prefer);
  add_preprocess(verb, options->preprocess);
  add_no_optimize(verb, options->no_optimize);
  on_run(verb, options, run);
}

}  // namespace mote::cli
