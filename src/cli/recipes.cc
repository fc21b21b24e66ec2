// `mote recipes`: the built-in recipes.
#include "cli/command.h"
#include "cli/output.h"
#include "compress/recipe.h"

namespace mote::cli {
namespace {

void run(const Common& common) {
  Json list = Json::array();
  Table table({"recipe", "scheme", "steps", "description"});
  for (const compress::Recipe& recipe : compress::built_in_recipes()) {
    list.push_back({{"name", recipe.name},
                    {"scheme", recipe.scheme()},
                    {"steps", recipe.steps.size()},
                    {"description", recipe.description}});
    table.add(
        {recipe.name, recipe.scheme(), std::to_string(recipe.steps.size()), recipe.description});
  }
  print_result(common, "recipes", {{"recipes", list}}, table.text());
}

}  // namespace

void add_recipes(CLI::App& app) {
  auto options = std::make_shared<Common>();
  on_run(add_verb(app, "recipes", "Lists the built-in recipes", "mote recipes", *options), options,
         run);
}

}  // namespace mote::cli
