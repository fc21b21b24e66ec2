// Data sets in arrays: the members of an .npz, whole .npy and IDX files, or memory. Their keys say
// what they are (array_keys.h). Tested by array_file_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.h"

namespace mote::datasets {

// Arrays that are read when they are asked for: one that means nothing may be anything.
struct ArraySource {
  std::string name;  // what errors call all of them
  std::vector<std::string> keys;
  std::function<Array(const std::string& key)> read;
  std::function<std::string(const std::string& key)> place;  // what errors call one
};

// Unlabelled images are all training data, fit for calibration. Labelled ones in one piece (x, y)
// are training data, of which a fifth is cut by seed where there are none for testing. The names of
// the classes are numbers.
Dataset dataset_of(const ArraySource& source, uint64_t seed);
Dataset dataset_of(const std::string& name, const std::map<std::string, Array>& arrays,
                   uint64_t seed);

// An .npz, or an .npy of images alone.
bool is_array_file(const std::string& path);
Dataset read_array_file(const std::string& path, uint64_t seed);

// Whole files by key, each .npy or IDX, gzip'd or not; `name` is what errors call them.
Dataset read_array_files(const std::string& name, const std::map<std::string, std::string>& paths,
                         uint64_t seed);

// "images=PATH,labels=PATH", "train_images=PATH,...": paths by key. Empty where `text` does not
// begin with such a key. A comma that no key follows belongs to the path.
std::map<std::string, std::string> paths_by_key(const std::string& text);
std::string text_of(const std::map<std::string, std::string>& paths);

}  // namespace mote::datasets
