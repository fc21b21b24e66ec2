// Data sets in NumPy files: .npz with x_train, y_train, x_test, y_test, or x with or without y;
// .npy with images alone. Tested by array_file_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "datasets/dataset.h"

namespace mote::datasets {

// `name` is a path, or what errors call the arrays. Unlabelled images are all training data, fit
// for calibration. Labelled ones in one piece (x, y) are cut by seed, a fifth for testing. Images
// of rank 3 get one channel. The names of the classes are numbers.
Dataset dataset_of(const std::string& name, const std::map<std::string, Array>& arrays,
                   uint64_t seed);
Dataset read_array_file(const std::string& path, uint64_t seed);

}  // namespace mote::datasets
