#include "ir/value.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "runtime/arithmetic/float16.h"

namespace mote {
namespace {

template <class T>
std::vector<T> elements_of(const Value& value, DType dtype) {
  if (!value.data || value.type.dtype != dtype)
    throw Error(ErrorKind::internal,
                fmt::format("value '{}' is no constant of {}", value.name, name_of(dtype)));
  const auto elements = data_as<T>(value);
  return {elements.begin(), elements.end()};
}

bool is_half(const Value& value) {
  return value.constant() && value.type.dtype == DType::float16;
}

}  // namespace

bool Value::operator==(const Value& other) const {
  if (name != other.name || type != other.type) return false;
  const auto equal = [](const std::shared_ptr<const Bytes>& a,
                        const std::shared_ptr<const Bytes>& b) {
    return a == b || (a != nullptr && b != nullptr && *a == *b);
  };
  return equal(data, other.data) && equal(mask, other.mask);
}

bool Preprocessing::identity() const {
  return std::ranges::all_of(scale, [](float s) { return s == 1.0f; }) &&
         std::ranges::all_of(bias, [](float b) { return b == 0.0f; });
}

std::vector<float> float_data(const Value& value) {
  if (is_half(value)) {
    std::vector<float> numbers;
    for (const uint16_t half : data_as<uint16_t>(value)) numbers.push_back(mote_f32_from_f16(half));
    return numbers;
  }
  return elements_of<float>(value, DType::float32);
}

std::vector<int32_t> int32_data(const Value& value) {
  return elements_of<int32_t>(value, DType::int32);
}

TensorType widened_type(const Value& value) {
  TensorType type = value.type;
  if (is_half(value)) type.dtype = DType::float32;
  return type;
}

Value widened(const Value& value) {
  if (!is_half(value)) return value;
  Bytes data = to_bytes(std::span<const float>(float_data(value)));
  return {value.name, widened_type(value), std::make_shared<const Bytes>(std::move(data)),
          value.mask};
}

}  // namespace mote
