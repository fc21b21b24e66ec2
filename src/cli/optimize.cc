// `mote optimize`: a model without what no output depends on, by the passes that lose nothing.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/model.h"
#include "cli/optimization.h"
#include "cli/output.h"
#include "evaluate/model.h"
#include "evaluate/optimization.h"
#include "formats/model_file.h"

namespace mote::cli {
namespace {

struct OptimizeOptions : Common {
  std::string model, output, preprocess;
};

// "-179,046", "+12", "" where it stays.
std::string change(int64_t before, int64_t after) {
  if (before == after) return "";
  return (after > before ? "+" : "-") + grouped(std::abs(after - before));
}

std::string table_of(const evaluate::Optimization& optimization) {
  Table table({"pass", "kind", "nodes", "channels", "weights", "MACs", "constants (B)"});
  const auto add_size = [&](const char* name, const evaluate::NetworkSize& size) {
    table.add({name, "", grouped(size.nodes), grouped(size.channels), grouped(size.weights),
               grouped(size.macs), grouped(size.weight_bytes)});
  };
  add_size("before", optimization.before);
  for (const auto& [report, before, after] : optimization.passes)
    table.add({std::string(report.name), std::string(name_of(report.kind)),
               change(before.nodes, after.nodes), change(before.channels, after.channels),
               change(before.weights, after.weights), change(before.macs, after.macs),
               change(before.weight_bytes, after.weight_bytes)});
  add_size("after", optimization.after);
  return table.text();
}

Json passes_of(const evaluate::Optimization& optimization) {
  Json passes = Json::array();
  for (const auto& [report, before, after] : optimization.passes)
    passes.push_back({{"name", report.name},
                      {"kind", name_of(report.kind)},
                      {"changed", report.changed},
                      {"removed_nodes", before.nodes - after.nodes},
                      {"removed_channels", before.channels - after.channels},
                      {"removed_weights", before.weights - after.weights},
                      {"removed_macs", before.macs - after.macs},
                      {"removed_weight_bytes", before.weight_bytes - after.weight_bytes}});
  return passes;
}

void run(const OptimizeOptions& options) {
  formats::check_writable(options.output);
  const evaluate::Optimization optimization =
      evaluate::optimize(open_model(options, options.model, options.preprocess));
  formats::write_model(options.output, optimization.graph);
  const int64_t file_bytes = evaluate::file_sizes(options.output).file_bytes;
  Json fields{{"model", options.output}, {"file_bytes", file_bytes}};
  fields.update(optimization_fields(optimization));
  fields["passes"] = passes_of(optimization);
  print_result(options, "optimize", fields,
               table_of(optimization) + "\n" +
                   facts({{"model", options.output}, {"file", grouped(file_bytes) + " B"}}));
}

}  // namespace

void add_optimize(CLI::App& app) {
  auto options = std::make_shared<OptimizeOptions>();
  CLI::App* verb = add_verb(app, "optimize", "Removes what no output depends on, with nothing lost",
                            "mote optimize person_int8.tflite -o smaller.tflite\n"
                            "mote optimize model.tflite -o model.mote --json",
                            *options);
  verb->add_option("MODEL", options->model, "A .tflite or .mote file, or zoo:NAME")->required();
  verb->add_option("-o,--output", options->output, "The model to write, .tflite or .mote")
      ->required();
  add_preprocess(verb, options->preprocess);
  on_run(verb, options, run);
}

}  // namespace mote::cli
