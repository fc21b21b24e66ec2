// `mote evaluate`: accuracy of one model, or the comparison of several.
#include "evaluate/evaluate.h"

#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "cli/accuracy.h"
#include "cli/command.h"
#include "cli/firmware.h"
#include "cli/model.h"
#include "cli/output.h"
#include "datasets/dataset.h"
#include "deploy/devices/device.h"
#include "evaluate/engine.h"
#include "evaluate/json.h"
#include "evaluate/metrics.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/samples.h"
#include "passes/pipeline.h"

namespace mote::cli {
namespace {

struct EvaluateOptions : Common {
  std::vector<std::string> models;
  std::string data, split = "test", engine = evaluate::kDefaultEngine, device, preprocess, prefer;
  int32_t limit = 0;
  int32_t samples = 10;
};

struct Row {
  std::string model;
  std::string engine;
  evaluate::FileSizes sizes;
  evaluate::Evaluation evaluation;
  std::optional<evaluate::FirmwareFigures>
      firmware;              // with --device, where the model can be deployed
  std::string not_deployed;  // why not
  std::vector<std::string> notes;
};

// A float baseline is often too large for the device that the quantized model is for: a finding.
void deploy_row(const EvaluateOptions& options, const Graph& graph, const datasets::Split& split,
                Row& row) {
  try {
    const deploy::Device device = deploy::load_device(options.device, options.prefer);
    const Graph optimized = passes::optimized(graph);
    row.firmware = evaluate::firmware_figures(
        optimized, device, evaluate::firmware_options(optimized, "model"), split, options.samples);
    if (row.firmware->over_budget) row.not_deployed = row.firmware->over_budget->reason;
  } catch (const Error& error) {
    if (error.kind != ErrorKind::unsupported && error.kind != ErrorKind::over_budget) throw;
    row.not_deployed = error.what();
  }
}

Row evaluate_row(const EvaluateOptions& options, const std::string& model, const Graph& graph,
                 const datasets::Dataset& data, const datasets::Split& split) {
  Row row{.model = model,
          .engine = options.engine,
          .sizes = evaluate::file_sizes(model),
          .evaluation = evaluate_model(options, graph, options.engine, split, options.limit),
          .firmware = {},
          .not_deployed = {},
          .notes = evaluate::notes_on(graph, split, data.classes())};
  print_notes(options, model, row.notes);
  if (!options.device.empty()) deploy_row(options, graph, split, row);
  return row;
}

// Against the first of the rows: the baseline.
evaluate::McNemar against(const Row& baseline, const Row& row, const datasets::Split& split) {
  const std::vector<int32_t>& predictions = row.evaluation.predictions;
  return evaluate::mcnemar(baseline.evaluation.predictions, predictions,
                           std::span(split.labels).first(predictions.size()));
}

Json row_fields(const Row& row, const datasets::Dataset& data) {
  Json fields{{"model", row.model}, {"engine", row.engine}};
  fields.update(fields_of(row.evaluation, data.class_names));
  fields["notes"] = row.notes;
  fields["file_bytes"] = row.sizes.file_bytes;
  fields["gzip_bytes"] = row.sizes.gzip_bytes;
  if (row.firmware) {
    Json firmware = evaluate::json_of(*row.firmware);
    firmware["firmware_samples"] = firmware["samples"];
    firmware.erase("samples");  // here they are those of the evaluation
    fields.update(firmware);
  }
  if (!row.not_deployed.empty()) fields["not_deployed"] = row.not_deployed;
  return fields;
}

std::string data_line(const EvaluateOptions& options, const datasets::Dataset& data,
                      int32_t samples) {
  return fmt::format("{}{}, {} split, {} samples\n\n", data.name,
                     data.synthetic ? " (synthetic)" : "", options.split, grouped(samples));
}

std::string firmware_table(const EvaluateOptions& options, const std::vector<Row>& rows) {
  if (options.device.empty()) return {};
  Table table({"on " + options.device, "constants (B)", "flash (B)", "RAM (B)", "instructions",
               "ms (modelled)", "outputs equal"});
  std::string notes;
  for (const Row& row : rows) {
    if (!row.not_deployed.empty()) notes += row.not_deployed + "\n";
    if (!row.firmware) {
      table.add({row.model, "-", "-", "-", "-", "-", "not deployed"});
      continue;
    }
    const deploy::FirmwareSize& size = row.firmware->size;
    std::vector<std::string> cells = {
        row.model, grouped(size.constant_bytes),
        row.firmware->not_linked.empty() ? grouped(size.flash_bytes) : "-"};
    if (const auto& check = row.firmware->check)
      cells.insert(
          cells.end(),
          {grouped(check->emulation.ram_bytes), grouped(check->emulation.instructions),
           check->modelled ? text_of(check->modelled->milliseconds) : "-",
           fmt::format("{} ({} samples)", check->outputs_equal ? "yes" : "NO", check->samples)});
    else
      cells.insert(cells.end(),
                   {"-", "-", "-", row.firmware->over_budget ? "does not fit" : "not run"});
    table.add(cells);
  }
  return "\n" + table.text() + notes;
}

void print_one(const EvaluateOptions& options, const datasets::Dataset& data, const Row& row) {
  const evaluate::Metrics& m = row.evaluation.metrics;
  Json fields{{"data", data.name}, {"synthetic", data.synthetic}, {"split", options.split}};
  fields.update(row_fields(row, data));
  print_result(options, "evaluate", fields,
               data_line(options, data, m.samples) + per_class_table(m, data.class_names) + "\n" +
                   facts({{"model", row.model},
                          {"engine", row.engine},
                          {"top-1 (95 % interval)", top1_text(m)},
                          {"macro precision", percent(m.macro_precision)},
                          {"macro recall", percent(m.macro_recall)},
                          {"macro F1", percent(m.macro_f1)},
                          {"inferences per second",
                           fmt::format("{:.0f}", row.evaluation.inferences_per_second())}}) +
                   firmware_table(options, {row}));
}

void print_comparison(const EvaluateOptions& options, const datasets::Dataset& data,
                      const std::vector<Row>& rows, const datasets::Split& split) {
  Json models = Json::array();
  Table table({"model", "engine", "top-1 (95 % interval)", "macro recall", "macro F1", "file (B)",
               "gzip (B)", "inferences/s", "p (McNemar)"});
  for (const Row& row : rows) {
    const evaluate::McNemar test = against(rows[0], row, split);
    const evaluate::Metrics& m = row.evaluation.metrics;
    Json fields = row_fields(row, data);
    fields["mcnemar_p"] = &row == &rows[0] ? Json() : Json(test.p);
    fields["mcnemar_method"] = &row == &rows[0] ? Json() : Json(name_of(test.method));
    models.push_back(fields);
    table.add({row.model, row.engine, top1_text(m), percent(m.macro_recall), percent(m.macro_f1),
               grouped(row.sizes.file_bytes), grouped(row.sizes.gzip_bytes),
               fmt::format("{:.0f}", row.evaluation.inferences_per_second()),
               &row == &rows[0] ? "baseline" : fmt::format("{:.3g}", test.p)});
  }
  print_result(options, "evaluate",
               {{"data", data.name},
                {"synthetic", data.synthetic},
                {"split", options.split},
                {"samples", rows[0].evaluation.metrics.samples},
                {"models", models}},
               data_line(options, data, rows[0].evaluation.metrics.samples) + table.text() +
                   firmware_table(options, rows));
}

void run(const EvaluateOptions& options) {
  std::vector<Graph> graphs;
  for (const std::string& model : options.models)
    graphs.push_back(open_model(options, model, options.preprocess));
  const std::vector<std::string> inputs = evaluate::names_of_several_inputs(graphs[0]);
  const datasets::Dataset data =
      datasets::load(options.data, {.seed = options.seed, .inputs = inputs});
  const datasets::Split& split = datasets::split_of(data, options.split);
  std::vector<Row> rows;
  for (size_t i = 0; i < graphs.size(); i++) {
    if (evaluate::names_of_several_inputs(graphs[i]) != inputs)
      throw Error(ErrorKind::usage, "its inputs have other names than the first model's",
                  options.models[i], "evaluate them one by one");
    rows.push_back(evaluate_row(options, options.models[i], graphs[i], data, split));
  }
  if (rows.size() == 1) return print_one(options, data, rows[0]);
  print_comparison(options, data, rows, split);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* verb = add_verb(
      app, "evaluate", "Measures accuracy; of several models the first is the baseline",
      "mote evaluate f.tflite --data fashion-mnist\n"
      "mote evaluate f.tflite f_int8.tflite --data fashion-mnist --json\n"
      "mote evaluate f_int8.tflite --data fashion-mnist --engine emulator:mps2-an386 --limit 20",
      *options);
  verb->add_option("MODEL", options->models, "One or more .tflite or .mote files, or zoo:NAME")
      ->required();
  verb->add_option("--data", options->data, data_help())->required();
  verb->add_option("--split", options->split, "train, validation or test")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  verb->add_option("--engine", options->engine, "float, reference, native or emulator:DEVICE")
      ->capture_default_str();
  verb->add_option("--limit", options->limit, "The first so many samples; 0: all")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--device", options->device,
                   "Also deploy each model to this device and run it in the emulator");
  add_prefer(verb, options->prefer);
  verb->add_option("--samples", options->samples, "How many samples to run on --device")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_preprocess(verb, options->preprocess);
  on_run(verb, options, run);
}

}  // namespace mote::cli
