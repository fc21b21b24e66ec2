// `mote data list`: the data sets by name and where they lie.
#include "cli/command.h"
#include "cli/output.h"
#include "datasets/dataset.h"

namespace mote::cli {
namespace {

void run(const Common& common) {
  Json list = Json::array();
  Table table({"data set", "image", "classes", "train", "test", "found", "description"});
  for (const datasets::Info& info : datasets::list()) {
    list.push_back({{"name", info.name},
                    {"description", info.description},
                    {"image", info.image},
                    {"classes", info.classes},
                    {"train", info.train},
                    {"test", info.test},
                    {"found", info.found.empty() ? Json() : Json(info.found)}});
    table.add({info.name, join(info.image), grouped(info.classes), grouped(info.train),
               grouped(info.test), info.found.empty() ? "missing" : info.found, info.description});
  }
  print_result(common, "data.list", {{"data", list}}, table.text());
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Data sets");
  data->require_subcommand(1);
  auto options = std::make_shared<Common>();
  on_run(add_verb(*data, "list", "Lists the data sets and where they lie",
                  "MOTE_DATA_DIR=~/data mote data list", *options),
         options, run);
}

}  // namespace mote::cli
