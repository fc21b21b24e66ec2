// Tensors and labelled images, by the name of a data set or from arrays in memory. Tested by
// src/api/api_test.cc.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "mote/error.h"

namespace mote {

namespace datasets {
struct Dataset;
}

// "uint8", "float32": the name of an element type of C++. Specialized for float, int8_t, uint8_t,
// int16_t, int32_t and int64_t; no other type compiles.
template <class T>
const char* type_name() = delete;

// Raw numbers with a shape: whatever goes into a model and comes out of it.
struct Tensor {
  std::string type;            // "float32", "float16", "int8", "uint8", "int16", "int32", "int64"
  std::vector<int32_t> shape;  // images are [N, H, W, C]; every dimension is at least 1
  std::vector<uint8_t> data;   // the elements, row-major, little-endian

  // A tensor of T's type. Functions that take it throw Error{usage} where the shape does not hold
  // as many elements.
  template <class T>
  static Tensor of(std::vector<int32_t> shape, const std::vector<T>& elements);
  // The elements. Throws Error{usage} where they are no T.
  template <class T>
  std::vector<T> as() const;

  bool operator==(const Tensor&) const = default;
};

struct Samples {
  Tensor images;                // [N, H, W, C], or [N, H, W] with one channel; what is neither
                                // uint8 nor float32 becomes float32
  std::vector<int32_t> labels;  // N class indices from 0; empty where there are none
};

struct DataOptions {
  uint64_t seed = 1;                  // of every random cut, and of the images of `glyphs`
  double validation_fraction = 0.05;  // of the training images, [0, 0.9]; 0: none
  // The names of a model's inputs, where it has several (Model::inputs): the file is an .npz with
  // an array for each. Of load_dataset alone.
  std::vector<std::string> inputs = {};
};

// Images in three splits: calibration sees `train`, training `train` and `validation`, evaluation
// `test` unless told. A cheap handle on data that does not change.
class Dataset {
 public:
  const std::string& name() const;
  bool synthetic() const;  // made by a program: no figure on it says anything about real data
  const std::vector<std::string>& class_names() const;
  // A copy of one split: "train", "validation" or "test". Throws Error{usage} for another name, and
  // where the data has no such split.
  Samples samples(const std::string& split) const;

  // For Mote itself.
  explicit Dataset(std::shared_ptr<const datasets::Dataset> content);
  const datasets::Dataset& content() const { return *content_; }

 private:
  std::shared_ptr<const datasets::Dataset> content_;
};

// A data set by name (list_datasets() in mote.h), or what --data of the program takes
// (docs/data.md): an .npz or .npy by path, a folder, "images=PATH,labels=PATH". Throws Error{usage}
// for an unknown name or a set that is not on this machine, Error{invalid_input} for a damaged
// file.
Dataset load_dataset(const std::string& name_or_path, const DataOptions& options = {});

struct ArrayData {
  Samples train;
  Samples test = {};                          // none: a fifth of `train`, where that has labels
  std::vector<std::string> class_names = {};  // empty: "0", "1", ...
};

// Your own images; `name` is what errors and records call them. Throws Error{usage} or
// Error{invalid_input} that says which array is wrong and how.
Dataset make_dataset(const std::string& name, const ArrayData& arrays,
                     const DataOptions& options = {});

// ---- templates

template <>
inline const char* type_name<float>() {
  return "float32";
}
template <>
inline const char* type_name<int8_t>() {
  return "int8";
}
template <>
inline const char* type_name<uint8_t>() {
  return "uint8";
}
template <>
inline const char* type_name<int16_t>() {
  return "int16";
}
template <>
inline const char* type_name<int32_t>() {
  return "int32";
}
template <>
inline const char* type_name<int64_t>() {
  return "int64";
}

template <class T>
Tensor Tensor::of(std::vector<int32_t> shape, const std::vector<T>& elements) {
  Tensor tensor{type_name<T>(), std::move(shape),
                std::vector<uint8_t>(elements.size() * sizeof(T))};
  if (!elements.empty()) std::memcpy(tensor.data.data(), elements.data(), tensor.data.size());
  return tensor;
}

template <class T>
std::vector<T> Tensor::as() const {
  if (type != type_name<T>())
    throw Error(ErrorKind::usage, "a tensor of " + type + " holds no " + type_name<T>());
  std::vector<T> elements(data.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), data.data(), elements.size() * sizeof(T));
  return elements;
}

}  // namespace mote
