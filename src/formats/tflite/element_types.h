// The element types that TFLite and Mote share: the one table that reading and writing use.
#pragma once

#include <utility>

#include "generated/schema_generated.h"  // flatc makes it of schema.fbs
#include "ir/types.h"

namespace mote::formats::tflite {

constexpr std::pair<TensorType, DType> kElementTypes[] = {
    {TensorType::FLOAT32, DType::float32}, {TensorType::FLOAT16, DType::float16},
    {TensorType::INT8, DType::int8},       {TensorType::UINT8, DType::uint8},
    {TensorType::INT16, DType::int16},     {TensorType::INT32, DType::int32},
    {TensorType::INT64, DType::int64},     {TensorType::BOOL, DType::boolean},
};

// Only integers are quantized in a file; a float tensor's scale is a trace of training.
inline bool quantizable(DType dtype) {
  return dtype == DType::int8 || dtype == DType::uint8 || dtype == DType::int16 ||
         dtype == DType::int32 || dtype == DType::int64;
}

}  // namespace mote::formats::tflite
