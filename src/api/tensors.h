// Between the tensors of the public API and arrays. Inside api/ only; tested by api_test.cc.
#pragma once

#include <string>

#include <mote/data.h>

#include "ir/npy.h"

namespace mote::api {

// Throws Error{usage} that names `where` for an unknown type, or a shape that does not hold as many
// elements as there are.
Array to_array(const Tensor& tensor, const std::string& where);
Tensor to_tensor(Array array);

}  // namespace mote::api
