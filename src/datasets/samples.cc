#include "datasets/samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/error.h"
#include "runtime/arithmetic/float16.h"

namespace mote::datasets {
namespace {

constexpr int32_t kMaxClasses = 65536;  // so that no label makes us name billions of classes

template <class T>
void for_each_element(const Array& array, const auto& see) {
  for (size_t at = 0; at + sizeof(T) <= array.data.size(); at += sizeof(T)) {
    T element;
    std::memcpy(&element, &array.data[at], sizeof element);
    see(element);
  }
}

// Calls `see` with each element in order, as a double: exact but for int64 beyond 2^53.
void for_each_number(const Array& array, const auto& see) {
  const auto number = [&](auto element) { see(static_cast<double>(element)); };
  switch (array.dtype) {
    case DType::float32:
      return for_each_element<float>(array, number);
    case DType::float16:
      return for_each_element<uint16_t>(
          array, [&](uint16_t half) { see(static_cast<double>(mote_f32_from_f16(half))); });
    case DType::int8:
      return for_each_element<int8_t>(array, number);
    case DType::uint8:
      return for_each_element<uint8_t>(array, number);
    case DType::int16:
      return for_each_element<int16_t>(array, number);
    case DType::int32:
      return for_each_element<int32_t>(array, number);
    case DType::int64:
      return for_each_element<int64_t>(array, number);
    case DType::boolean:
      return for_each_element<uint8_t>(array, [&](uint8_t byte) { see(byte == 0 ? 0.0 : 1.0); });
  }
}

Array as_floats(const Array& array) {
  Array floats{DType::float32, array.shape, {}};
  floats.data.resize(static_cast<size_t>(element_count(array.shape)) * sizeof(float));
  size_t at = 0;
  for_each_number(array, [&](double number) {
    const auto pixel = static_cast<float>(number);
    std::memcpy(&floats.data[at], &pixel, sizeof pixel);
    at += sizeof pixel;
  });
  return floats;
}

void check_finite(const Array& images, const std::string& where) {
  const int64_t per_image = element_count(images.shape) / images.shape[0];
  int64_t at = 0;
  for_each_element<float>(images, [&](float pixel) {
    if (!std::isfinite(pixel))
      throw Error(ErrorKind::invalid_input, fmt::format("image {} has a {}", at / per_image, pixel),
                  where, "a network makes nothing of it: np.nan_to_num(x) replaces it");
    at++;
  });
}

// A class index of a sample.
int32_t index_of(double label, size_t sample, const std::string& where) {
  if (label != std::floor(label))
    throw Error(ErrorKind::invalid_input,
                fmt::format("label {:.17g} of sample {} is no whole number", label, sample), where,
                "labels are class indices");
  if (!(label >= 0 && label < kMaxClasses))
    throw Error(
        ErrorKind::invalid_input,
        fmt::format("label {:.17g} of sample {} is outside [0, {})", label, sample, kMaxClasses),
        where);
  return static_cast<int32_t>(label);
}

// The column of the one in each row of zeros, [N, K].
Labels from_one_hot(const Array& array, const std::string& where) {
  const auto columns = static_cast<size_t>(array.shape[1]);
  Labels labels{{}, array.shape[1]};
  size_t at = 0, ones = 0;
  for_each_number(array, [&](double element) {
    const size_t sample = at / columns, column = at % columns;
    if (column == 0) ones = 0;
    if (element == 1) {
      ones++;
      labels.indices.push_back(static_cast<int32_t>(column));
    }
    if ((element != 0 && element != 1) || ones > 1 || (column + 1 == columns && ones == 0))
      throw Error(
          ErrorKind::invalid_input,
          fmt::format("labels of shape {}, but those of sample {} are not one-hot",
                      to_string(array.shape), sample),
          where,
          "save one class index for each image: np.argmax(y, axis=1), or one of the columns");
    at++;
  });
  return labels;
}

}  // namespace

Array images_of(Array array, const std::string& where) {
  if (array.shape.size() < 2 || array.data.empty())
    throw Error(ErrorKind::invalid_input,
                fmt::format("images of shape {}, not [N, H, W, C]", to_string(array.shape)), where);
  if (array.dtype != DType::uint8 && array.dtype != DType::float32) array = as_floats(array);
  if (array.dtype == DType::float32) check_finite(array, where);
  if (array.shape.size() == 3) array.shape.push_back(1);
  return array;
}

Labels labels_of(const Array& array, const std::string& where) {
  const bool one_each = !array.shape.empty() && element_count(array.shape) == array.shape[0];
  if (!one_each) {
    if (array.shape.size() == 2 && array.shape[1] <= kMaxClasses) return from_one_hot(array, where);
    throw Error(ErrorKind::invalid_input, fmt::format("labels of shape {}", to_string(array.shape)),
                where, "labels are class indices [N], or one-hot [N, classes]");
  }
  Labels labels;
  for_each_number(array, [&](double number) {
    labels.indices.push_back(index_of(number, labels.indices.size(), where));
    labels.classes = std::max(labels.classes, labels.indices.back() + 1);
  });
  return labels;
}

}  // namespace mote::datasets
