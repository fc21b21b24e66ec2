// Options and recipes as JSON, with every value said, as records hold them; and without what is at
// its default, as a study's task is hashed. Tested by json_test.cc.
#pragma once

#include <nlohmann/json.hpp>

#include "compress/recipe.h"
#include "compress/train/changes.h"
#include "compress/train/train.h"

namespace mote::compress {

Json json_of(const TrainOptions& options);
// The inverse; what is missing is at its default. Throws Error{invalid_input} naming a key that is
// unknown or of the wrong type.
TrainOptions train_options_of(const Json& json);

// {"name": "int8", "steps": [{"do": "calibrate", ...}, ...]}
Json json_of(const Recipe& recipe);

// The object `json` without the members that `defaults` has with the same value.
Json without(const Json& json, const Json& defaults);
// What json_of gave, without what is at its default. An option that comes later, with a default
// that does what was done before, leaves this as it was; so a default, once there, stays.
Json changed_training(const Json& training);
Json changed_recipe(const Json& recipe);

}  // namespace mote::compress
