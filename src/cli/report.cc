// `mote report`: what a study found, as a page, a table or rows.
#include "report/report.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/output.h"

namespace mote::cli {
namespace {

struct ReportOptions : Common {
  std::vector<std::string> runs;
  std::string output, format, published;
};

// By the file's name unless told.
std::string format_of(const ReportOptions& options) {
  if (!options.format.empty()) return options.format;
  const std::string extension =
      lower_case(std::filesystem::path(options.output).extension().string());
  if (extension == ".md" || extension == ".csv") return extension.substr(1);
  return extension == ".tex" ? "latex" : "html";
}

// Names without the folders above them: the same report wherever it is made.
std::string command_of(const ReportOptions& options, const report::Records& records) {
  std::string command = "mote report";
  for (const std::string& name : records.names) command += " " + name;
  if (!options.published.empty())
    command += " --published " + std::filesystem::path(options.published).filename().string();
  return command + " -o report.html";
}

std::string report_text(const ReportOptions& options, const report::Records& records,
                        const std::string& format) {
  if (format == "md") return report::markdown(records);
  if (format == "csv") return report::csv(records);
  if (format == "latex") return report::latex(records);
  report::Made made{MOTE_VERSION, command_of(options, records)};
  if (!options.published.empty()) made.published = report::read_published(options.published);
  return report::html(records, made);
}

Json fields_of(const ReportOptions& options, const report::Records& records,
               const std::string& format) {
  const auto failed = std::ranges::count_if(records.tasks, &report::Task::failed);
  const auto too_large = std::ranges::count_if(records.tasks, &report::Task::too_large);
  Json problems = Json::array();
  for (const report::Problem& problem : records.problems)
    problems.push_back(
        {{"file", problem.file}, {"key", problem.key}, {"message", problem.message}});
  return {{"records", records.tasks.size()},  {"failed", failed},     {"too_large", too_large},
          {"unfinished", records.unfinished}, {"problems", problems}, {"format", format},
          {"output", options.output}};
}

void run(const ReportOptions& options) {
  const std::string format = format_of(options);
  if (options.output.empty() && (format == "html" || options.json))
    throw Error(ErrorKind::usage, "where should the report go?", "", "add `-o report.html`");
  if (!options.published.empty() && format != "html")
    throw Error(ErrorKind::usage, "--published is for the page", "",
                "leave it out, or name the output report.html");
  const report::Records records = report::read_records(options.runs);
  const std::string text = report_text(options, records, format);
  if (!options.output.empty()) write_file(options.output, text);

  const Json fields = fields_of(options, records, format);
  const std::string summary =
      fmt::format("{}: {} records, {} failed, {} too large for their device, {} unfinished\n",
                  options.output, records.tasks.size(), fields["failed"].get<int64_t>(),
                  fields["too_large"].get<int64_t>(), records.unfinished);
  print_result(options, "report", fields, options.output.empty() ? text : summary);
  for (const report::Problem& problem : records.problems)
    fmt::print(stderr, "mote: {}\n", problem.text());
  if (!records.problems.empty())
    throw Error(
        ErrorKind::invalid_input,
        fmt::format("{} problems in records; the report lists them", records.problems.size()),
        options.runs[0]);
}

}  // namespace

void add_report(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* verb = add_verb(app, "report", "Shows what a study found: a page, a table or rows",
                            "mote report runs -o report.html\n"
                            "mote report runs --format md\n"
                            "mote report runs more_runs -o table.tex",
                            *options);
  verb->add_option("RUNS", options->runs, "Folders that `mote study` wrote")->required();
  verb->add_option("--published", options->published,
                   "A study's file: draw its [[published]] beside the study's own models");
  verb->add_option("-o,--output", options->output,
                   "The file to write; without it the tables go to standard output");
  verb->add_option("--format", options->format,
                   "html, md, csv or latex (default: by the name of the output, else html)")
      ->check(CLI::IsMember({"html", "md", "csv", "latex"}));
  on_run(verb, options, run);
}

}  // namespace mote::cli
