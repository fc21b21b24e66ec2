// Labels and class names, as all sources check and name them. Tested by dataset_test.cc.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace mote::datasets {

// Throws Error{invalid_input} naming `where` unless there is one label in [0, classes) per image.
void check_labels(const Split& split, int32_t classes, const std::string& where);

// "0", "1", ...
std::vector<std::string> numbered_classes(int32_t count);
// One name per line; numbers where there is no such file. Throws Error{invalid_input} unless there
// are `count` names.
std::vector<std::string> read_class_names(const std::string& path, int32_t count);

}  // namespace mote::datasets
