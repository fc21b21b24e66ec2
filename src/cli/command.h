// What all verbs of the command line share: their common options and how a verb registers itself.
// Each verb is a file that parses options, calls the library and prints. Tested by cli_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace mote::cli {

struct Common {
  uint64_t seed = 1;
  int32_t threads = 0;  // 0: the verb's default
  bool json = false;
  bool quiet = false;
};

// The subcommand `name` with the options of `common`; `examples` stand at the end of its help, one
// per line.
CLI::App* add_verb(CLI::App& app, const std::string& name, const std::string& description,
                   const std::string& examples, Common& common);

// What --data takes, and what `use` says that the verb does with it.
std::string data_help(const std::string& use = "");

// Calls `run` with what was parsed into `options`.
template <class Options>
void on_run(CLI::App* verb, std::shared_ptr<Options> options, void (*run)(const Options&)) {
  verb->callback([options, run] { run(*options); });
}

void add_compress(CLI::App& app);
void add_data(CLI::App& app);
void add_deploy(CLI::App& app);
void add_devices(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_inspect(CLI::App& app);
void add_kernels(CLI::App& app);
void add_optimize(CLI::App& app);
void add_recipes(CLI::App& app);
void add_report(CLI::App& app);
void add_run(CLI::App& app);
void add_study(CLI::App& app);
void add_train(CLI::App& app);

}  // namespace mote::cli
