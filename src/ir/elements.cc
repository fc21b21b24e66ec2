#include "ir/elements.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"

namespace mote {
namespace {

// `convert` is absent where the dtype has the same bytes.
struct Row {
  char kind;
  int32_t size_bytes;
  DType dtype;
  Bytes (*convert)(const Bytes& bytes, const std::string& where);
};

template <class From, class To>
bool holds(From value) {
  if constexpr (std::is_floating_point_v<From>)
    return !std::isfinite(value) || std::isfinite(static_cast<To>(value));
  else
    return std::in_range<To>(value);
}

template <class From, class To>
Bytes converted(const Bytes& bytes, const std::string& where) {
  Bytes result(bytes.size() / sizeof(From) * sizeof(To));
  for (size_t i = 0; i < bytes.size() / sizeof(From); i++) {
    From from;
    std::memcpy(&from, &bytes[i * sizeof from], sizeof from);
    if (!holds<From, To>(from))
      throw Error(ErrorKind::invalid_input,
                  fmt::format("element {} is {}, which is too large", i, from), where,
                  "scale the numbers down before saving them");
    const To to = static_cast<To>(from);
    std::memcpy(&result[i * sizeof to], &to, sizeof to);
  }
  return result;
}

constexpr Row kRows[] = {
    {'f', 4, DType::float32, nullptr},
    {'f', 2, DType::float16, nullptr},
    {'f', 8, DType::float32, converted<double, float>},
    {'i', 1, DType::int8, nullptr},
    {'i', 2, DType::int16, nullptr},
    {'i', 4, DType::int32, nullptr},
    {'i', 8, DType::int64, nullptr},
    {'u', 1, DType::uint8, nullptr},
    {'u', 2, DType::int32, converted<uint16_t, int32_t>},
    {'u', 4, DType::int64, converted<uint32_t, int64_t>},
    {'u', 8, DType::int64, converted<uint64_t, int64_t>},
    {'b', 1, DType::boolean, nullptr},
};

const Row* find(const ElementFormat& format) {
  const Row* row = std::ranges::find_if(kRows, [&](const Row& candidate) {
    return candidate.kind == format.kind && candidate.size_bytes == format.size_bytes;
  });
  return row == std::end(kRows) ? nullptr : row;
}

void swap_bytes(Bytes& bytes, size_t size) {
  for (auto first = bytes.begin(); first != bytes.end(); first += static_cast<ptrdiff_t>(size))
    std::reverse(first, first + static_cast<ptrdiff_t>(size));
}

// Counts through the row-major elements and keeps where each lies in column-major order.
Bytes row_major(std::span<const uint8_t> data, const Shape& shape, size_t size) {
  std::vector<size_t> strides(shape.size());
  size_t stride = size;
  for (size_t d = 0; d < shape.size(); d++) {
    strides[d] = stride;
    stride *= static_cast<size_t>(shape[d]);
  }
  Bytes result(data.size());
  Shape index(shape.size(), 0);
  size_t from = 0;
  for (size_t to = 0; to < result.size(); to += size) {
    std::memcpy(&result[to], &data[from], size);
    for (size_t d = shape.size(); d-- > 0;) {
      from += strides[d];
      if (++index[d] < shape[d]) break;
      from -= strides[d] * static_cast<size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return result;
}

}  // namespace

bool is_known(const ElementFormat& format) {
  return find(format) != nullptr;
}

std::string name_of(const ElementFormat& format) {
  if (format.kind == 'b') return "boolean";
  const char* kind = format.kind == 'f' ? "float" : format.kind == 'i' ? "int" : "uint";
  return fmt::format("{}{}", kind, 8 * format.size_bytes);
}

ElementFormat format_of(DType dtype) {
  for (const Row& row : kRows)
    if (row.dtype == dtype && row.convert == nullptr) return {row.kind, row.size_bytes};
  throw Error(ErrorKind::internal, fmt::format("no format of {}", name_of(dtype)));
}

std::optional<size_t> bytes_within(const Shape& shape, int32_t size_bytes, size_t available) {
  auto bytes = static_cast<size_t>(size_bytes);
  if (bytes > available) return std::nullopt;
  for (int32_t size : shape) {
    if (bytes > available / static_cast<size_t>(size)) return std::nullopt;
    bytes *= static_cast<size_t>(size);
  }
  return bytes;
}

Array array_of(const ElementFormat& format, Shape shape, std::span<const uint8_t> data,
               const std::string& where) {
  const Row* row = find(format);
  if (row == nullptr) throw Error(ErrorKind::internal, "elements of no known format", where);
  const auto size = static_cast<size_t>(format.size_bytes);
  Bytes bytes = format.column_major && shape.size() > 1 ? row_major(data, shape, size)
                                                        : Bytes(data.begin(), data.end());
  if (format.big_endian && size > 1) swap_bytes(bytes, size);
  if (row->convert != nullptr) bytes = row->convert(bytes, where);
  return {row->dtype, std::move(shape), std::move(bytes)};
}

}  // namespace mote
