// A recipe: the ordered steps that compress a model, as a short TOML file. Built-in ones are
// compress/recipes/*.toml; a user's own is named by its path. Tested by recipe_test.cc.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compress/calibrate/calibrate.h"
#include "compress/equalize/equalize.h"
#include "compress/prune/channels.h"
#include "compress/prune/prune.h"
#include "compress/quantize/quantize.h"
#include "compress/train/changes.h"

namespace mote::compress {

struct CalibrateStep {
  Observer observer = Observer::min_max;
  int32_t samples = 256;
  double percentile = CalibrateOptions{}.percentile;  // of the observer of that name
};

struct EqualizeStep {
  EqualizeBy by = EqualizeBy::weights;
  int32_t samples = 256;
};

using QuantizeStep = QuantizeOptions;

// Fine-tuning: on labels, or by distillation from the float model that the recipe began with.
// Behind `calibrate` through fake quantization, as the recipe's `quantize` step has it.
struct TrainStep {
  Json changes = Json::object();  // of the options that a network is trained with; changes.h
  std::string teacher = {};       // the path of another teacher, absolute
  bool batch_norms = true;        // for the time of training; train/normalize.h
};

struct PruneStep {
  PruneOptions options = {};
  // How much: of channels also what else is to become smaller, and to what.
  Target target = Target::sparsity;
  double value = 0.5;
  Growth growth = Growth::cubic;
  // Epochs in which the network is trained while it gets sparser; none: all goes at once.
  std::optional<TrainStep> training = {};
};

// In the place of `equalize`, `calibrate` and `quantize`: the best of all techniques.
struct ChooseStep {
  QuantizeOptions quantize = {};  // the scheme and the bits
  int32_t samples = 256;          // that techniques look at
  int32_t judges = 256;           // others, that choose among them
};

using Step =
    std::variant<CalibrateStep, QuantizeStep, PruneStep, TrainStep, EqualizeStep, ChooseStep>;

struct Recipe {
  std::string name;
  std::string description;
  std::vector<Step> steps;

  // What the result is: the scheme of its quantize step, else float32.
  Scheme scheme() const;
  const QuantizeStep* quantize_step() const;  // null where there is none
  // Whether a step looks at samples, and whether one trains.
  bool needs_data() const;
  bool trains() const;
  bool prunes() const;
  // Whether one that trains stands behind `calibrate`: through fake quantization.
  bool trains_integers() const;
  // In which its steps train a network that was itself trained with these options.
  int32_t epochs(const TrainOptions& options) const;
};

// The recipe with a step `choose` in the place of the steps that equalize, calibrate and quantize.
// Throws Error{usage} where it does not quantize to integer activations, or chooses bits.
Recipe with_choice(Recipe recipe);

// A built-in recipe's name, or the path of a .toml. Throws Error{usage} listing the known names, or
// Error{invalid_input} naming file, line, key and what is allowed.
Recipe load_recipe(const std::string& name_or_path);
std::vector<Recipe> built_in_recipes();

// The recipe with other bits in its quantize step: `bits` "auto" or empty, `constants` as
// parse_constants takes it (search/constants.h) or empty. Throws Error{usage} for what does not go
// together.
Recipe with_bits(Recipe recipe, const std::string& bits, const std::string& constants);

// The recipe, counting constants so where it chooses bits within some.
Recipe with_preference(Recipe recipe, deploy::Preference prefer);

}  // namespace mote::compress
