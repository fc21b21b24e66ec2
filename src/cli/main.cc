// The program `mote`: hands the command line to a verb and turns errors into one line and an exit
// code. Only cli/ prints and exits. Tested by cli_test.cc.
#include <algorithm>
#include <cstdio>
#include <new>

#include <fmt/format.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/suggest.h"

namespace mote::cli {
namespace {

constexpr void (*kVerbs[])(CLI::App&) = {
    add_train, add_compress, add_optimize, add_evaluate, add_run,     add_inspect, add_deploy,
    add_study, add_report,   add_data,     add_devices,  add_kernels, add_recipes,
};

constexpr const char* kExamples =
    "Examples:\n"
    "  mote train zoo:custom --data glyphs -o digits.tflite\n"
    "  mote compress digits.tflite --data glyphs --recipe int8 -o digits_int8.tflite\n"
    "  mote evaluate digits.tflite digits_int8.tflite --data glyphs\n"
    "  mote deploy digits_int8.tflite --device microbit -o firmware --run\n"
    "`mote VERB --help` tells more about a verb.";

int fail(const Error& error) {
  std::string line = error.what();
  std::ranges::replace(line, '\n', ' ');
  fmt::print(stderr, "mote: {}\n", line);
  return static_cast<int>(error.kind);
}

std::string see_help(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* up = app.get_parent(); up; up = up->get_parent())
    name = up->get_name() + " " + name;
  return fmt::format("see `{} --help`", name);
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names,
                         const CLI::App& app) {
  const std::string near = nearest(name, names);
  return near.empty() ? see_help(app) : fmt::format("did you mean `{}`?", near);
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// What the parser says, or, where an unknown word is the cause, that word and its nearest
// neighbour.
Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* verb = &app;
  while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
  const std::vector<std::string> unknown = app.remaining(true);
  for (std::string word : unknown) {
    word = word.substr(0, word.find('='));
    if (word.starts_with("-"))
      return {ErrorKind::usage, fmt::format("unknown option '{}'", word), "",
              did_you_mean(word, option_names(*verb), *verb)};
  }
  const std::vector<std::string> verbs = verb_names(*verb);
  if (!unknown.empty() && !verbs.empty())
    return {ErrorKind::usage, fmt::format("unknown verb '{}'", unknown[0]), "",
            did_you_mean(unknown[0], verbs, *verb)};
  return {ErrorKind::usage, error.what(), "", see_help(*verb)};
}

int run(int argc, char** argv) {
  CLI::App app("Fits neural networks into microcontrollers.", "mote");
  app.set_version_flag("--version", "mote " MOTE_VERSION);
  app.require_subcommand(1);
  app.footer(kExamples);
  for (auto add : kVerbs) add(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return fail(usage_error(app, error));
  }
  return 0;
}

}  // namespace
}  // namespace mote::cli

int main(int argc, char** argv) {
  using mote::Error;
  using mote::ErrorKind;
  try {
    return mote::cli::run(argc, argv);
  } catch (const Error& error) {
    return mote::cli::fail(error);
  } catch (const std::bad_alloc&) {
    return mote::cli::fail(Error(ErrorKind::internal, "out of memory"));
  } catch (const std::exception& error) {
    return mote::cli::fail(Error(ErrorKind::internal, error.what(), "", "this is a bug of ours"));
  }
}
