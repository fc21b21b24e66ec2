// What tasks are made from, opened and identified: by a plan, and again by the worker, which
// refuses what has changed in between. Inside study/ only.
#pragma once

#include <string>
#include <vector>

#include "compress/recipe.h"
#include "datasets/dataset.h"
#include "study/plan.h"

namespace mote::study {

struct DataSource {
  std::string name;    // in records
  std::string source;  // a name or a path
  uint64_t seed = 1;
  double validation_fraction = 0;
  std::vector<std::string> inputs = {};  // the names of the network's inputs, where it has several
};

// Called `name`, whatever its path is.
datasets::Dataset open_data(const DataSource& source);
// Of every image, array of another input, and label, split by split, and of the classes' names.
std::string sha256_of(const datasets::Dataset& data);

// A recipe's steps, each teacher by its file's SHA-256 in place of its path.
Json recipe_json(const compress::Recipe& recipe);
// A device's file, key by key.
Json device_json(const std::string& name_or_path);
std::string file_sha256(const std::string& path);

}  // namespace mote::study
