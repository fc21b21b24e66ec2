// Options and recipes as JSON, with every value said: what records hold and what decides the hash
// of a study's task. Tested by json_test.cc.
#pragma once

#include <nlohmann/json.hpp>

#include "compress/recipe.h"
#include "compress/train/train.h"

namespace mote::compress {

using Json = nlohmann::ordered_json;

Json json_of(const TrainOptions& options);
// The inverse. Throws Error{invalid_input} naming a key that is missing or of the wrong type.
TrainOptions train_options_of(const Json& json);

// {"name": "int8", "steps": [{"do": "calibrate", ...}, ...]}
Json json_of(const Recipe& recipe);

}  // namespace mote::compress
