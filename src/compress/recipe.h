// A recipe: the ordered steps that compress a model, as a short TOML file. Built-in ones are
// compress/recipes/*.toml; a user's own is named by its path. Tested by recipe_test.cc.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "compress/calibrate/calibrate.h"
#include "compress/quantize/quantize.h"

namespace mote::compress {

struct CalibrateStep {
  Observer observer = Observer::min_max;
  int32_t samples = 256;
};

using QuantizeStep = QuantizeOptions;

using Step = std::variant<CalibrateStep, QuantizeStep>;

struct Recipe {
  std::string name;
  std::string description;
  std::vector<Step> steps;

  // What the result is: the scheme of its quantize step, else float32.
  Scheme scheme() const;
  // Whether a step looks at samples.
  bool needs_data() const;
};

// A built-in recipe's name, or the path of a .toml. Throws Error{usage} listing the known names, or
// Error{invalid_input} naming file, line, key and what is allowed.
Recipe load_recipe(const std::string& name_or_path);
std::vector<Recipe> built_in_recipes();

}  // namespace mote::compress
