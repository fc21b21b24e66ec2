#include "datasets/array_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "datasets/labels.h"
#include "datasets/split.h"

namespace mote::datasets {
namespace {

constexpr double kTestFraction = 0.2;
constexpr int64_t kMaxClasses = 65536;  // so that no label makes us name billions of classes

using Arrays = std::map<std::string, Array>;

Array images_of(const Array& array, const std::string& where) {
  if (array.dtype != DType::uint8 && array.dtype != DType::float32)
    throw Error(ErrorKind::unsupported, fmt::format("images of {}", name_of(array.dtype)), where,
                "images are uint8 or float32");
  if (array.shape.size() < 2 || array.data.empty())
    throw Error(ErrorKind::invalid_input,
                fmt::format("images of shape {}, not [N, H, W, C]", to_string(array.shape)), where);
  Array images = array;
  if (images.shape.size() == 3) images.shape.push_back(1);
  return images;
}

template <class T>
std::vector<int64_t> widen(const Array& array) {
  const auto* first = reinterpret_cast<const T*>(array.data.data());
  return {first, first + array.data.size() / sizeof(T)};
}

std::vector<int64_t> integers_of(const Array& array, const std::string& where) {
  switch (array.dtype) {
    case DType::uint8:
      return widen<uint8_t>(array);
    case DType::int8:
      return widen<int8_t>(array);
    case DType::int16:
      return widen<int16_t>(array);
    case DType::int32:
      return widen<int32_t>(array);
    case DType::int64:
      return widen<int64_t>(array);
    default:
      throw Error(ErrorKind::invalid_input, fmt::format("labels of {}", name_of(array.dtype)),
                  where, "labels are class indices, integers [N]");
  }
}

std::vector<int32_t> labels_of(const Array& array, const std::string& where) {
  std::vector<int32_t> labels;
  for (int64_t label : integers_of(array, where)) {
    if (label < 0 || label >= kMaxClasses)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("label {} of sample {} is outside [0, {})", label, labels.size(),
                              kMaxClasses),
                  where);
    labels.push_back(static_cast<int32_t>(label));
  }
  return labels;
}

// Empty where there is no `images_key`.
Split labelled(const Arrays& arrays, const std::string& images_key, const std::string& labels_key,
               const std::string& name) {
  const auto images = arrays.find(images_key);
  if (images == arrays.end()) return {};
  Split split{images_of(images->second, name + ": " + images_key), {}};
  const auto labels = arrays.find(labels_key);
  if (labels == arrays.end()) return split;
  const std::string where = name + ": " + labels_key;
  split.labels = labels_of(labels->second, where);
  check_labels(split, kMaxClasses, where);
  return split;
}

void name_classes(Dataset& dataset) {
  int32_t classes = 0;
  for (const Split* split : {&dataset.train, &dataset.test})
    for (int32_t label : split->labels) classes = std::max(classes, label + 1);
  dataset.class_names = numbered_classes(classes);
}

Arrays read_arrays(const std::string& path) {
  if (path.ends_with(".npy")) return {{"x", read_npy(path)}};
  return read_npz(path);
}

}  // namespace

Dataset dataset_of(const std::string& name, const std::map<std::string, Array>& arrays,
                   uint64_t seed) {
  Dataset dataset;
  dataset.name = name;
  dataset.train = labelled(arrays, "x_train", "y_train", name);
  dataset.test = labelled(arrays, "x_test", "y_test", name);
  if (arrays.contains("x")) {
    dataset.train = labelled(arrays, "x", "y", name);
    if (!dataset.train.labels.empty())
      dataset.test = cut(dataset.train, kTestFraction, seed, "test");
  }
  if (dataset.train.count() == 0 && dataset.test.count() == 0) {
    std::vector<std::string> keys;
    for (const auto& [key, array] : arrays) keys.push_back(key);
    throw Error(ErrorKind::invalid_input,
                fmt::format("no images among [{}]", fmt::join(keys, ", ")), name,
                "the keys are x_train, y_train, x_test, y_test, or x and y");
  }
  name_classes(dataset);
  return dataset;
}

Dataset read_array_file(const std::string& path, uint64_t seed) {
  return dataset_of(path, read_arrays(path), seed);
}

}  // namespace mote::datasets
