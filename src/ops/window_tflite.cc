#include "ops/window_tflite.h"

#include <fmt/format.h>

#include <limits>

#include "base/error.h"
#include "ops/foreign.h"

namespace mote {

Size2D tflite_size(const Importer& importer, std::string_view height, std::string_view width) {
  const auto read = [&](std::string_view name) {
    const int64_t value = importer.integer(name, 1);
    if (value < 1 || value > std::numeric_limits<int32_t>::max())
      throw Error(ErrorKind::invalid_input, fmt::format("{} is {}", name, value));
    return static_cast<int32_t>(value);
  };
  return {read(height), read(width)};
}

Size2D tflite_stride(const Importer& importer) {
  return tflite_size(importer, "stride_h", "stride_w");
}

Size2D tflite_dilation(const Importer& importer) {
  return tflite_size(importer, "dilation_h_factor", "dilation_w_factor");
}

const Shape& tflite_shape(const Importer& importer, size_t input, size_t rank) {
  const ForeignValue& value = importer.input(input);
  bool valid = value.type.shape.size() == rank;
  for (int32_t size : value.type.shape) valid = valid && size >= 1;
  if (!valid)
    throw Error(ErrorKind::invalid_input,
                fmt::format("'{}' has shape {}, one of rank {} expected", value.name,
                            to_string(value.type.shape), rank));
  return value.type.shape;
}

}  // namespace mote
