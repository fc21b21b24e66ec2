#include "datasets/array_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "datasets/array_keys.h"
#include "datasets/idx.h"
#include "datasets/labels.h"
#include "datasets/samples.h"
#include "datasets/split.h"

namespace mote::datasets {
namespace {

constexpr double kTestFraction = 0.2;

// A split, and how many classes its labels speak of.
struct SplitArrays {
  Split split;
  int32_t classes = 0;
};

SplitArrays read_part(const ArraySource& source, const SplitKeys& keys) {
  if (keys.images.empty()) return {};
  SplitArrays part{{images_of(source.read(keys.images), source.place(keys.images)), {}}};
  if (keys.labels.empty()) return part;
  const std::string where = source.place(keys.labels);
  Labels labels = labels_of(source.read(keys.labels), where);
  part.split.labels = std::move(labels.indices);
  part.classes = labels.classes;
  check_labels(part.split, part.classes, where);
  return part;
}

std::string listed(const std::vector<std::string>& keys) {
  constexpr size_t kMost = 10;
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min(keys.size(), kMost); i++) words.push_back(ascii_excerpt(keys[i]));
  if (keys.size() > kMost) words.push_back("...");
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

Dataset dataset_of(const ArraySource& source, uint64_t seed) {
  const ArrayKeys keys = find_keys(source.keys, source.name);
  SplitArrays train = read_part(source, keys.train);
  SplitArrays validation = read_part(source, keys.validation);
  SplitArrays test = read_part(source, keys.test);
  if (train.split.count() == 0 && test.split.count() == 0)
    throw Error(ErrorKind::invalid_input, fmt::format("no images among [{}]", listed(source.keys)),
                source.name,
                "the keys are x_train, y_train, x_val, y_val, x_test, y_test, or x and y, or "
                "images and labels instead of x and y: np.savez(path, x=images, y=labels)");
  if (keys.whole && !train.split.labels.empty() && test.split.count() == 0)
    test.split = cut(train.split, kTestFraction, seed, "test");
  Dataset dataset{
      source.name, std::move(train.split), std::move(validation.split), std::move(test.split), {}};
  dataset.class_names =
      numbered_classes(std::max({train.classes, validation.classes, test.classes}));
  return dataset;
}

Dataset dataset_of(const std::string& name, const std::map<std::string, Array>& arrays,
                   uint64_t seed) {
  ArraySource source{name,
                     {},
                     [&](const std::string& key) { return arrays.at(key); },
                     [&](const std::string& key) { return name + ": " + key; }};
  for (const auto& [key, array] : arrays) source.keys.push_back(key);
  return dataset_of(source, seed);
}

bool is_array_file(const std::string& path) {
  return has_extension(path, ".npz") || has_extension(path, ".npy");
}

Dataset read_array_file(const std::string& path, uint64_t seed) {
  if (has_extension(path, ".npy")) return dataset_of(path, {{"x", read_npy(path)}}, seed);
  const NpzFile file(path);
  return dataset_of({path, file.names(), [&](const std::string& key) { return file.read(key); },
                     [&](const std::string& key) { return path + ": " + ascii_excerpt(key); }},
                    seed);
}

Dataset read_array_files(const std::string& name, const std::map<std::string, std::string>& paths,
                         uint64_t seed) {
  ArraySource source{name,
                     {},
                     [&](const std::string& key) { return read_array(paths.at(key)); },
                     [&](const std::string& key) { return paths.at(key); }};
  for (const auto& [key, path] : paths) source.keys.push_back(key);
  return dataset_of(source, seed);
}

std::map<std::string, std::string> paths_by_key(const std::string& text) {
  std::map<std::string, std::string> paths;
  std::string* last = nullptr;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::string piece = text.substr(at, end - at);
    const size_t equals = piece.find('=');
    if (equals != std::string::npos && is_key(piece.substr(0, equals))) {
      const auto [entry, is_new] = paths.emplace(piece.substr(0, equals), piece.substr(equals + 1));
      if (!is_new)
        throw Error(ErrorKind::usage, fmt::format("'{}' is given twice", entry->first), text);
      last = &entry->second;
    } else if (last == nullptr) {
      return {};
    } else {
      *last += "," + piece;
    }
    at = end + 1;
  }
  return paths;
}

std::string text_of(const std::map<std::string, std::string>& paths) {
  std::vector<std::string> pieces;
  for (const auto& [key, path] : paths) pieces.push_back(key + "=" + path);
  return fmt::format("{}", fmt::join(pieces, ","));
}

}  // namespace mote::datasets
