// The operator version that TFLite gives to most operators that grew by types. Tested by their
// tests.
#pragma once

#include "ir/types.h"

namespace mote {

// 1 for float32, 2 for int8, 3 for int16.
constexpr int32_t tflite_type_version(DType type) {
  if (type == DType::int16) return 3;
  return type == DType::float32 ? 1 : 2;
}

}  // namespace mote
