// Named sources of labelled tensors. Images are [N, H, W, C], raw as they lie in the files (0..255
// where uint8). Calibration, model selection and early stopping see train and validation only.
// Tested by dataset_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ir/npy.h"

namespace mote::datasets {

struct Split {
  Array images;                 // uint8 or float32 [N, H, W, C]
  std::vector<int32_t> labels;  // N class indices; empty where the data is unlabelled
  // For a model of several inputs: what goes into the second, the third, ..., [N, ...] each;
  // `images` are the first's.
  std::vector<Array> more = {};

  int32_t count() const { return images.shape.empty() ? 0 : images.shape[0]; }
};

struct Dataset {
  std::string name;
  Split train;
  Split validation;  // cut from the training files by seed, never from test
  Split test;
  std::vector<std::string> class_names;
  bool synthetic = false;

  int32_t classes() const { return static_cast<int32_t>(class_names.size()); }
};

// The split called `name`: train, validation or test. Throws Error{usage} for another name, and
// where the data has no such split.
const Split& split_of(const Dataset& data, const std::string& name);
// The test split; where the data has none, the training split.
const Split& test_or_train(const Dataset& data);
// What class `index` is called; its number where the data gives it no name.
std::string class_name(const std::vector<std::string>& names, size_t index);

struct LoadOptions {
  uint64_t seed = 1;                  // of the cut between train and validation, and of glyphs
  double validation_fraction = 0.05;  // 0: none
  // The names of a model's inputs, where it has several: arrays have an entry for each.
  std::vector<std::string> inputs = {};
};

// What load takes besides names, as errors say it.
inline constexpr std::string_view kPathForms =
    "the path of an .npz, an .npy or a folder, or images=PATH,labels=PATH";

// A data set's name; the path of an .npz, an .npy, or a folder with the files of MNIST or CIFAR; or
// files by key, "images=PATH,labels=PATH" (datasets/array_file.h). Real sets are looked for in
// $MOTE_DATA_DIR, then the user's cache ($XDG_CACHE_HOME or ~/.cache, /mote/NAME). Throws
// Error{usage} for an unknown name (listing the known ones) or a set that is not there (saying
// where it was looked for), and Error{invalid_input} with file and offset for a damaged one.
Dataset load(const std::string& name_or_path, const LoadOptions& options = {});

// The same of arrays in memory, with the keys of an .npz (datasets/array_file.h); `name` is what
// errors call them.
Dataset from_arrays(const std::string& name, const std::map<std::string, Array>& arrays,
                    const LoadOptions& options = {});

// Where fetched sets go (datasets/fetch.h): the first place that is looked at. Throws Error{usage}
// where the environment names none.
std::string data_root();

struct Info {
  std::string name;
  std::string description;
  Shape image;  // [H, W, C]
  int32_t classes;
  int32_t train;
  int32_t test;
  std::string found;  // where it lies; empty where it is missing; "built in"
};
std::vector<Info> list();

}  // namespace mote::datasets
