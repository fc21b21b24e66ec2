// `mote recipes`: the built-in recipes, and the schemes that a recipe of one's own can name.
#include "cli/command.h"
#include "cli/output.h"
#include "compress/recipe.h"

namespace mote::cli {
namespace {

std::string weight_bits(const SchemeInfo& info) {
  if (!info.integer_weights()) return "";
  return std::to_string(info.least_weight_bits) + " to " + std::to_string(info.most_weight_bits());
}

void run(const Common& common) {
  Json recipes = Json::array();
  Table recipe_table({"recipe", "scheme", "steps", "description"});
  for (const compress::Recipe& recipe : compress::built_in_recipes()) {
    const std::string scheme(name_of(recipe.scheme()));
    recipes.push_back({{"name", recipe.name},
                       {"scheme", scheme},
                       {"steps", recipe.steps.size()},
                       {"description", recipe.description}});
    recipe_table.add(
        {recipe.name, scheme, std::to_string(recipe.steps.size()), recipe.description});
  }
  Json list = Json::array();
  Table scheme_table({"scheme", "activations", "weights", "weight_bits", "description"});
  for (const SchemeInfo& info : schemes()) {
    const std::string activations(name_of(info.activations)), weights(name_of(info.weights));
    list.push_back({{"name", info.name},
                    {"activations", activations},
                    {"weights", weights},
                    {"weight_bits", weight_bits(info)},
                    {"description", info.description}});
    scheme_table.add({std::string(info.name), activations, weights, weight_bits(info),
                      std::string(info.description)});
  }
  print_result(common, "recipes", {{"recipes", recipes}, {"schemes", list}},
               recipe_table.text() + "\n" + scheme_table.text());
}

}  // namespace

void add_recipes(CLI::App& app) {
  auto options = std::make_shared<Common>();
  on_run(add_verb(app, "recipes", "Lists the built-in recipes, and the schemes", "mote recipes",
                  *options),
         options, run);
}

}  // namespace mote::cli
