#include "cli/command.h"

#include "base/ascii.h"

#include "datasets/dataset.h"

namespace mote::cli {

CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& examples, Common& common) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  verb->add_option("--threads", common.threads, "Threads to use; 0: as many as suit the work")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  verb->add_flag("--json", common.json, "Print one JSON object instead of tables");
  verb->add_flag("--quiet", common.quiet, "No progress and no notes");
  std::string footer = "Examples:";
  for (const std::string& line : split(examples, '\n')) footer += "\n  " + line;
  verb->footer(footer);
  return verb;
}

std::string data_help(const std::string& use) {
  const std::string forms = "A data set's name, or " + std::string(datasets::kPathForms);
  return use.empty() ? forms : forms + ": " + use;
}

}  // namespace mote::cli
