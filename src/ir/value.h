// Values: what a Graph is made of, and what the views beside it (Program, ForeignGraph) need of it,
// without its operators. Tested by graph_test.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/types.h"

namespace mote {

using ValueId = int32_t;          // an index into Graph::values
constexpr ValueId kNoValue = -1;  // an optional input that is absent, such as a bias

struct Value {
  std::string name;  // as in the user's file; unique within a graph
  TensorType type;
  std::shared_ptr<const Bytes> data;  // constants only: row-major, little-endian
  // Of a constant that pruning has thinned: a byte for each element, 0 where it is zero and stays
  // zero, whatever training does, else 1. Null: nothing is pruned. Firmware and foreign formats
  // know no masks: to them the zeros are zeros.
  std::shared_ptr<const Bytes> mask = nullptr;

  bool constant() const { return data != nullptr; }
  bool operator==(const Value& other) const;  // compares the bytes of data and mask
};

// real = scale * pixel + bias; one entry for all channels, or one for each. Identity by default.
struct Preprocessing {
  std::vector<float> scale{1.0f};
  std::vector<float> bias{0.0f};

  bool identity() const;
  bool operator==(const Preprocessing&) const = default;
};

// The constant's elements; the dtype must match (ErrorKind::internal otherwise). float16 counts as
// the float32 numbers that it stands for.
std::vector<float> float_data(const Value& value);
std::vector<int32_t> int32_data(const Value& value);
template <class T>
std::span<const T> data_as(const Value& value) {
  return {reinterpret_cast<const T*>(value.data->data()), value.data->size() / sizeof(T)};
}
template <class T>
Bytes to_bytes(std::span<const T> elements) {
  const auto* first = reinterpret_cast<const uint8_t*>(elements.data());
  return Bytes(first, first + elements.size_bytes());
}

// What operators see of a value: they know no float16, and a constant of it is the float32 numbers
// that it stands for. Any other value is itself.
TensorType widened_type(const Value& value);
Value widened(const Value& value);

}  // namespace mote
