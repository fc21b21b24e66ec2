// `mote data list`: the data sets by name and where they lie; `mote data fetch`: brings them here.
#include <vector>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "datasets/dataset.h"
#include "datasets/fetch.h"

namespace mote::cli {
namespace {

std::string megabytes(int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void list(const Common& common) {
  Json list = Json::array();
  Table table({"data set", "image", "classes", "train", "test", "found", "description"});
  for (const datasets::Info& info : datasets::list()) {
    const datasets::PublishedSet* published = datasets::find_published(info.name);
    const int64_t bytes = published ? published->bytes() : 0;
    list.push_back({{"name", info.name},
                    {"description", info.description},
                    {"image", info.image},
                    {"classes", info.classes},
                    {"train", info.train},
                    {"test", info.test},
                    {"found", info.found.empty() ? Json() : Json(info.found)},
                    {"download_bytes", bytes}});
    table.add(
        {info.name, join(info.image), grouped(info.classes), grouped(info.train),
         grouped(info.test),
         info.found.empty() ? fmt::format("missing, {} to fetch", megabytes(bytes)) : info.found,
         info.description});
  }
  print_result(common, "data.list", {{"data", list}}, table.text());
}

struct FetchOptions : Common {
  std::vector<std::string> names;
  std::string mirror;
};

datasets::Fetched fetch_visibly(const std::string& name, const FetchOptions& options) {
  ProgressBar bar(options, name);
  return datasets::fetch(
      name, {.mirror = options.mirror, .patience = {}}, [&](const datasets::FetchProgress& p) {
        bar.show(static_cast<double>(p.done_bytes), static_cast<double>(p.total_bytes),
                 fmt::format("{} of {}{}", megabytes(p.done_bytes), megabytes(p.total_bytes),
                             p.note.empty() ? "" : ", " + p.file + " " + p.note));
      });
}

void fetch(const FetchOptions& options) {
  Json list = Json::array();
  Table table({"data set", "lies in", "fetched"});
  for (const std::string& name : options.names) {
    const datasets::Fetched fetched = fetch_visibly(name, options);
    list.push_back({{"name", name},
                    {"folder", fetched.folder},
                    {"files", fetched.files},
                    {"fetched_bytes", fetched.bytes}});
    table.add({name, fetched.folder,
               fetched.files.empty() ? "nothing: all there" : megabytes(fetched.bytes)});
  }
  print_result(options, "data.fetch", {{"data", list}}, table.text());
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Data sets");
  data->require_subcommand(1);
  auto common = std::make_shared<Common>();
  on_run(add_verb(*data, "list", "Lists the data sets and where they lie",
                  "MOTE_DATA_DIR=~/data mote data list", *common),
         common, list);

  auto options = std::make_shared<FetchOptions>();
  CLI::App* verb = add_verb(*data, "fetch",
                            "Downloads data sets as their makers published them, into "
                            "$MOTE_DATA_DIR or the user's cache; goes on where it was interrupted",
                            "mote data fetch cifar-10\n"
                            "mote data fetch mnist --mirror https://example.org/mnist/",
                            *options);
  verb->add_option("names", options->names, "Data sets; `mote data list` has their names")
      ->required();
  verb->add_option("--mirror", options->mirror,
                   "Address of a folder that has the same files, instead of the published one; "
                   "they are held to the same digests");
  on_run(verb, options, fetch);
}

}  // namespace mote::cli
