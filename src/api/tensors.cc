#include "api/tensors.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::api {

Array to_array(const Tensor& tensor, const std::string& where) {
  const std::optional<DType> dtype = parse_dtype(tensor.type);
  if (!dtype)
    throw Error(ErrorKind::usage, fmt::format("no element type is called '{}'", tensor.type), where,
                "such as float32, int8, uint8, int32");
  if (std::ranges::any_of(tensor.shape, [](int32_t size) { return size < 1; }))
    throw Error(ErrorKind::usage, fmt::format("a tensor of shape {}", to_string(tensor.shape)),
                where, "every dimension is at least 1");
  const int64_t bytes = byte_size({*dtype, tensor.shape, {}});
  if (bytes != static_cast<int64_t>(tensor.data.size()))
    throw Error(ErrorKind::usage,
                fmt::format("{}{} takes {} bytes, {} are there", tensor.type,
                            to_string(tensor.shape), bytes, tensor.data.size()),
                where);
  return {*dtype, tensor.shape, tensor.data};
}

Tensor to_tensor(Array array) {
  return {std::string(name_of(array.dtype)), std::move(array.shape), std::move(array.data)};
}

}  // namespace mote::api
