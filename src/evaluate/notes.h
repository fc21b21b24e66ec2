// What a user should know of a model and the data that it meets, though neither is wrong. Tested by
// notes_test.cc.
#pragma once

#include <string>
#include <vector>

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::evaluate {

// One sentence for each. `classes`: how many the data has; 0 where it has no labels. Throws as
// encode does where model and samples do not go together.
std::vector<std::string> notes_on(const Graph& graph, const datasets::Split& samples,
                                  int32_t classes);

// The same of raw tensors, one per input.
std::vector<std::string> notes_on(const Graph& graph, const std::vector<Array>& inputs);

}  // namespace mote::evaluate
