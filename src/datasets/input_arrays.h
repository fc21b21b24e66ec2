// Data of models of several inputs: an .npz with an array for each input, by its name. Tested by
// input_arrays_test.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace mote::datasets {

// The arrays are called as the inputs, with the suffixes that x has elsewhere: "a" and "b", or
// "a_train", "b_train", "a_test", ...; labels are y. Split::images holds the first input, `more`
// the others. Throws Error{invalid_input} that names the array that is missing, or that holds
// another number of samples than the first.
Dataset dataset_of_inputs(const std::string& name, const std::map<std::string, Array>& arrays,
                          const std::vector<std::string>& inputs, const LoadOptions& options);

}  // namespace mote::datasets
