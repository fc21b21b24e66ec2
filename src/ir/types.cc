#include "ir/types.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace mote {
namespace {

struct DTypeRow {
  std::string_view name;
  int64_t bytes;
  std::string_view c_type;
};

constexpr DTypeRow kDTypes[] = {
#define MOTE_DTYPE(name, bytes, c_type) {#name, bytes, #c_type},
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
};

struct ActivationRow {
  std::string_view name;
  RealRange range;
};

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr ActivationRow kActivations[] = {
    {"none", {-kInfinity, kInfinity}},
    {"relu", {0.0f, kInfinity}},
    {"relu6", {0.0f, 6.0f}},
    {"relu_n1_to_1", {-1.0f, 1.0f}},
};

}  // namespace

std::string_view name_of(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].name;
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (size_t i = 0; i < std::size(kDTypes); i++)
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  return std::nullopt;
}

std::string_view c_type_of(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].c_type;
}

int64_t size_of(DType dtype) {
  return kDTypes[static_cast<size_t>(dtype)].bytes;
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size != 0 && std::abs(count) > kMaxElements / std::abs(size))
      throw Error(ErrorKind::unsupported,
                  fmt::format("a tensor of shape {}, which has more than {} elements",
                              to_string(shape), kMaxElements));
    count *= size;
  }
  return count;
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Quantization per_tensor(float scale, int32_t zero_point, int32_t bits) {
  return {{scale}, {zero_point}, -1, bits};
}

Quantization per_channel(std::vector<float> scale, int32_t axis, int32_t bits) {
  std::vector<int32_t> zero_point(scale.size(), 0);
  return {std::move(scale), std::move(zero_point), axis, bits};
}

std::string to_string(const TensorType& type) {
  std::string text = std::string(name_of(type.dtype)) + to_string(type.shape);
  if (!type.quantization) return text;
  const Quantization& q = *type.quantization;
  if (q.per_channel())
    return text + fmt::format(" {{axis: {}, scales: {}}}", q.axis, q.scale.size());
  return text + fmt::format(" {{scale: {}, zero_point: {}}}", q.scale.at(0), q.zero_point.at(0));
}

int64_t byte_size(const TensorType& type) {
  return element_count(type.shape) * size_of(type.dtype);
}

Range integer_range(DType dtype) {
  switch (dtype) {
    case DType::int8:
      return {-128, 127};
    case DType::uint8:
      return {0, 255};
    case DType::int16:
      return {-32768, 32767};
    default:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  }
}

Range weight_range(int32_t bits) {
  const int32_t max = (1 << (bits - 1)) - 1;
  return {-max, max};
}

std::string_view name_of(Activation activation) {
  return kActivations[static_cast<size_t>(activation)].name;
}

std::optional<Activation> parse_activation(std::string_view name) {
  for (size_t i = 0; i < std::size(kActivations); i++)
    if (kActivations[i].name == name) return static_cast<Activation>(i);
  return std::nullopt;
}

RealRange range_of(Activation activation) {
  return kActivations[static_cast<size_t>(activation)].range;
}

int32_t window_count(int32_t input, int32_t window, int32_t stride, int32_t dilation,
                     int32_t before, int32_t after) {
  const int64_t reach = (static_cast<int64_t>(window) - 1) * dilation + 1;
  const int64_t room = static_cast<int64_t>(input) + before + after - reach;
  return room < 0 ? 0 : static_cast<int32_t>(room / stride + 1);
}

Padding same_padding(Size2D input, Size2D window, Size2D stride, Size2D dilation) {
  const auto total = [](int32_t in, int32_t w, int32_t s, int32_t d) {
    const int64_t out = (static_cast<int64_t>(in) + s - 1) / s;
    const int64_t need = (out - 1) * s + (static_cast<int64_t>(w) - 1) * d + 1 - in;
    return static_cast<int32_t>(std::max<int64_t>(need, 0));
  };
  const int32_t vertical = total(input.height, window.height, stride.height, dilation.height);
  const int32_t horizontal = total(input.width, window.width, stride.width, dilation.width);
  return {vertical / 2, vertical - vertical / 2, horizontal / 2, horizontal - horizontal / 2};
}

}  // namespace mote
