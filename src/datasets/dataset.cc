#include "datasets/dataset.h"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "datasets/array_file.h"
#include "datasets/cifar.h"
#include "datasets/glyphs.h"
#include "datasets/idx.h"
#include "datasets/input_arrays.h"
#include "datasets/split.h"

namespace mote::datasets {
namespace {

namespace fs = std::filesystem;

// A real data set: where it lies below a root, and who reads it.
struct Source {
  std::string_view name;
  std::string_view description;
  std::array<int32_t, 3> image;  // H, W, C
  int32_t classes, train, test;
  std::array<std::string_view, 2> folders;
  std::array<std::string_view, 2> markers;  // one of these files shows that it is there
  Dataset (*read)(const std::string& folder);
};

constexpr std::array<std::string_view, 2> kIdxMarkers{"t10k-images-idx3-ubyte.gz",
                                                      "t10k-images-idx3-ubyte"};
constexpr Source kSources[] = {
    {"mnist",
     "handwritten digits (LeCun, Cortes, Burges)",
     {28, 28, 1},
     10,
     60000,
     10000,
     {"mnist", "MNIST/raw"},
     kIdxMarkers,
     read_mnist},
    {"fashion-mnist",
     "photographs of clothes (Zalando Research)",
     {28, 28, 1},
     10,
     60000,
     10000,
     {"fashion-mnist", "FashionMNIST/raw"},
     kIdxMarkers,
     read_fashion_mnist},
    {"cifar-10",
     "photographs of ten kinds (Krizhevsky 2009)",
     {32, 32, 3},
     10,
     50000,
     10000,
     {"cifar-10-batches-bin", "cifar-10/cifar-10-batches-bin"},
     {"test_batch.bin", "test_batch.bin"},
     read_cifar10},
    {"cifar-100",
     "photographs of a hundred kinds (Krizhevsky 2009)",
     {32, 32, 3},
     100,
     50000,
     10000,
     {"cifar-100-binary", "cifar-100/cifar-100-binary"},
     {"test.bin", "test.bin"},
     read_cifar100},
};

std::vector<std::string_view> names() {
  std::vector<std::string_view> names{"glyphs"};
  for (const Source& source : kSources) names.push_back(source.name);
  return names;
}

std::vector<std::string> roots() {
  std::vector<std::string> result;
  if (const char* data = std::getenv("MOTE_DATA_DIR")) result.emplace_back(data);
  if (const char* cache = std::getenv("XDG_CACHE_HOME"))
    result.push_back(std::string(cache) + "/mote");
  else if (const char* home = std::getenv("HOME"))
    result.push_back(std::string(home) + "/.cache/mote");
  return result;
}

// Empty where the set is nowhere.
std::string find(const Source& source) {
  for (const std::string& root : roots())
    for (std::string_view folder : source.folders)
      for (std::string_view marker : source.markers)
        if (fs::exists(fs::path(root) / folder / marker)) return fs::path(root) / folder;
  return {};
}

Dataset read(const Source& source) {
  const std::string folder = find(source);
  if (!folder.empty()) return source.read(folder);
  std::vector<std::string> places;
  for (const std::string& root : roots()) places.push_back(fs::path(root) / source.folders[0]);
  throw Error(
      ErrorKind::usage,
      fmt::format("the data set '{}' is not there: looked in {}", source.name,
                  fmt::join(places, " and ")),
      "",
      fmt::format("`mote data fetch {}` downloads it; or set MOTE_DATA_DIR to the folder that "
                  "has it, or use the built-in 'glyphs'",
                  source.name));
}

// Files of IDX or CIFAR under the names that their makers gave them.
Dataset read_folder(const std::string& folder, uint64_t seed) {
  const auto has = [&](const char* file) { return fs::exists(fs::path(folder) / file); };
  if (const auto files = idx_files(folder); !files.empty())
    return read_array_files(folder, files, seed);
  if (has("data_batch_1.bin")) return read_cifar10(folder);
  if (has("train.bin")) return read_cifar100(folder);
  throw Error(ErrorKind::unsupported, "folders of images are not read", folder,
              "give an .npz with x and y, or a folder with MNIST's four IDX files or CIFAR's "
              "binary ones under their own names");
}

Dataset read(const std::string& name_or_path, uint64_t seed) {
  if (name_or_path == "glyphs") return make_glyphs(seed);
  for (const Source& source : kSources)
    if (source.name == name_or_path) return read(source);
  if (is_array_file(name_or_path)) return read_array_file(name_or_path, seed);
  if (fs::is_directory(name_or_path)) {
    Dataset data = read_folder(name_or_path, seed);
    data.name = name_or_path;
    return data;
  }
  if (const auto paths = paths_by_key(name_or_path); !paths.empty())
    return read_array_files(name_or_path, paths, seed);
  if (fs::exists(name_or_path))
    throw Error(ErrorKind::usage, "neither an .npz nor an .npy file", name_or_path,
                "of IDX files say which is which: images=PATH,labels=PATH");
  throw Error(ErrorKind::usage, fmt::format("there is no data set '{}'", name_or_path), "",
              fmt::format("known: {}, or {}", fmt::join(names(), ", "), kPathForms));
}

Dataset with_validation(Dataset dataset, const LoadOptions& options) {
  if (dataset.validation.count() == 0 && options.validation_fraction > 0)
    dataset.validation =
        cut(dataset.train, options.validation_fraction, options.seed, "validation");
  return dataset;
}

}  // namespace

const Split& split_of(const Dataset& data, const std::string& name) {
  const std::map<std::string_view, const Split*> splits{
      {"train", &data.train}, {"validation", &data.validation}, {"test", &data.test}};
  const auto split = splits.find(name);
  if (split == splits.end())
    throw Error(ErrorKind::usage, fmt::format("no split is called '{}'", name), data.name,
                "there are train, validation and test");
  if (split->second->count() == 0)
    throw Error(ErrorKind::usage, fmt::format("the data has no {} split", name), data.name,
                "take another split, or give an .npz with x_test and y_test");
  return *split->second;
}

const Split& test_or_train(const Dataset& data) {
  return data.test.count() > 0 ? data.test : data.train;
}

std::string class_name(const std::vector<std::string>& names, size_t index) {
  return index < names.size() ? names[index] : std::to_string(index);
}

Dataset load(const std::string& name_or_path, const LoadOptions& options) {
  if (options.inputs.size() > 1) {
    if (!has_extension(name_or_path, ".npz"))
      throw Error(ErrorKind::usage, "the data of a model of several inputs", name_or_path,
                  fmt::format("give an .npz with an array [N, ...] for each of: {}",
                              fmt::join(options.inputs, ", ")));
    return dataset_of_inputs(name_or_path, read_npz(name_or_path), options.inputs, options);
  }
  return with_validation(read(name_or_path, options.seed), options);
}

Dataset from_arrays(const std::string& name, const std::map<std::string, Array>& arrays,
                    const LoadOptions& options) {
  return with_validation(dataset_of(name, arrays, options.seed), options);
}

std::string data_root() {
  const std::vector<std::string> places = roots();
  if (places.empty())
    throw Error(ErrorKind::usage, "there is no folder for data sets", "",
                "set MOTE_DATA_DIR to one");
  return places.front();
}

std::vector<Info> list() {
  std::vector<Info> result{glyphs_info()};
  for (const Source& source : kSources)
    result.push_back({std::string(source.name), std::string(source.description),
                      Shape(source.image.begin(), source.image.end()), source.classes, source.train,
                      source.test, find(source)});
  return result;
}

}  // namespace mote::datasets
