// `mote kernels`: every kernel and variant that Mote has.
#include "cli/command.h"
#include "cli/output.h"
#include "ops/kernel.h"

namespace mote::cli {
namespace {

void run(const Common& common) {
  Json list = Json::array();
  Table table({"kernel", "variant", "needs", "source"});
  for (const Kernel& kernel : kernels()) {
    list.push_back({{"name", kernel.name},
                    {"variant", kernel.variant},
                    {"isa", kernel.isa},
                    {"function", kernel.function},
                    {"source", kernel.source}});
    table.add({std::string(kernel.name), std::string(kernel.variant), std::string(kernel.isa),
               std::string(kernel.source)});
  }
  print_result(common, "kernels", {{"kernels", list}}, table.text());
}

}  // namespace

void add_kernels(CLI::App& app) {
  auto options = std::make_shared<Common>();
  on_run(add_verb(app, "kernels", "Lists the kernels and their variants", "mote kernels", *options),
         options, run);
}

}  // namespace mote::cli
