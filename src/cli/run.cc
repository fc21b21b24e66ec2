// `mote run`: raw tensors in, raw tensors out.
#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/zip.h"
#include "cli/command.h"
#include "cli/model.h"
#include "cli/output.h"
#include "evaluate/arrays.h"
#include "evaluate/engine.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/samples.h"

namespace mote::cli {
namespace {

struct RunOptions : Common {
  std::string model, preprocess;
  std::vector<std::string> inputs;   // [NAME=]X.npy
  std::vector<std::string> outputs;  // [NAME=]Y.npy
  std::string engine = evaluate::kDefaultEngine;
  std::string rounding = "double";
};

// Brings "NAME=PATH" or "PATH" arguments into the order of the graph's values; those without a name
// fill what is left, in order. Empty where none is given for a value.
std::vector<std::string> paths_by_value(const Graph& graph, const std::vector<ValueId>& ids,
                                        const std::vector<std::string>& arguments,
                                        const std::string& what) {
  std::vector<std::string> paths(ids.size());
  std::vector<std::string> unnamed;
  for (const std::string& argument : arguments) {
    const auto named = std::ranges::find_if(
        ids, [&](ValueId id) { return argument.starts_with(graph.value(id).name + "="); });
    if (named == ids.end()) {
      unnamed.push_back(argument);
      continue;
    }
    paths[static_cast<size_t>(named - ids.begin())] =
        argument.substr(graph.value(*named).name.size() + 1);
  }
  auto next = unnamed.begin();
  for (std::string& path : paths)
    if (path.empty() && next != unnamed.end()) path = *next++;
  if (next != unnamed.end())
    throw Error(ErrorKind::usage, fmt::format("no {} left for '{}'", what, *next), graph.name,
                fmt::format("the model has {} {}(s)", ids.size(), what));
  return paths;
}

void run(const RunOptions& options) {
  const Graph graph = open_model(options, options.model, options.preprocess);
  const auto inputs = paths_by_value(graph, graph.inputs, options.inputs, "input");
  const auto outputs = paths_by_value(graph, graph.outputs, options.outputs, "output");
  std::vector<Array> arrays;
  for (size_t i = 0; i < inputs.size(); i++) {
    if (inputs[i].empty())
      throw Error(ErrorKind::usage,
                  fmt::format("no --input for '{}'", graph.value(graph.inputs[i]).name),
                  graph.name);
    arrays.push_back(read_npy(inputs[i]));
  }
  const std::vector<std::string> notes = evaluate::notes_on(graph, arrays);
  print_notes(options, options.model, notes);
  if (!options.preprocess.empty()) arrays[0] = evaluate::encoded(graph, arrays[0]);
  const auto engine =
      evaluate::make_engine(options.engine, graph,
                            {options.threads, options.rounding == "single" ? MOTE_ROUNDING_SINGLE
                                                                           : MOTE_ROUNDING_DOUBLE});
  const std::vector<Array> results = run_arrays(*engine, graph, arrays);
  Json list = Json::array();
  Table table({"output", "type", "shape", "CRC-32", "file"});
  for (size_t i = 0; i < results.size(); i++) {
    const Array& result = results[i];
    if (!outputs[i].empty()) write_npy(outputs[i], result);
    const std::string value = graph.value(graph.outputs[i]).name;
    const std::string crc = fmt::format("{:08x}", crc32_of(result.data));
    list.push_back({{"name", value},
                    {"dtype", name_of(result.dtype)},
                    {"shape", result.shape},
                    {"crc32", crc},
                    {"file", outputs[i].empty() ? Json() : Json(outputs[i])}});
    table.add({value, std::string(name_of(result.dtype)), join(result.shape), crc, outputs[i]});
  }
  print_result(options, "run", {{"engine", options.engine}, {"outputs", list}, {"notes", notes}},
               table.text());
}

}  // namespace

void add_run(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* verb = add_verb(app, "run", "Runs a model on raw tensors",
                            "mote run model.tflite --input x.npy --output y.npy\n"
                            "mote run model.tflite --input image=x.npy --output scores=y.npy "
                            "--engine emulator:mps2-an386",
                            *options);
  verb->add_option("MODEL", options->model, "A .tflite or .mote file, or zoo:NAME")->required();
  verb->add_option("--input", options->inputs,
                   "[NAME=]X.npy, one for each input; quantized values for a quantized model, or, "
                   "with --preprocess, pixels; a leading N: N inferences")
      ->required();
  verb->add_option("--output", options->outputs, "[NAME=]Y.npy, for the outputs to keep");
  verb->add_option("--engine", options->engine, "float, reference, native or emulator:DEVICE")
      ->capture_default_str();
  verb->add_option("--rounding", options->rounding,
                   "Of the engine reference: double as TFLM and firmware, single as LiteRT")
      ->check(CLI::IsMember({"double", "single"}))
      ->capture_default_str();
  add_preprocess(verb, options->preprocess);
  on_run(verb, options, run);
}

}  // namespace mote::cli
