#include "api/tensors.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/elements.h"

namespace mote::api {

Array to_array(const Tensor& tensor, const std::string& where) {
  const std::optional<DType> dtype = parse_dtype(tensor.type);
  if (!dtype)
    throw Error(ErrorKind::usage, fmt::format("no element type is called '{}'", tensor.type), where,
                "such as float32, int8, uint8, int32");
  if (std::ranges::any_of(tensor.shape, [](int32_t size) { return size < 1; }))
    throw Error(ErrorKind::usage, fmt::format("a tensor of shape {}", to_string(tensor.shape)),
                where, "every dimension is at least 1");
  const std::optional<size_t> bytes =
      bytes_within(tensor.shape, static_cast<int32_t>(size_of(*dtype)), tensor.data.size());
  if (bytes != tensor.data.size())
    throw Error(ErrorKind::usage,
                fmt::format("{}{} takes {} bytes than the {} that are there", tensor.type,
                            to_string(tensor.shape), bytes ? "less" : "more", tensor.data.size()),
                where);
  return {*dtype, tensor.shape, tensor.data};
}

Tensor to_tensor(Array array) {
  return {std::string(name_of(array.dtype)), std::move(array.shape), std::move(array.data)};
}

}  // namespace mote::api
