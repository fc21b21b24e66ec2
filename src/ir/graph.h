// The Graph: what is imported, optimized, compressed and lowered. A value: copyable, comparable,
// printable (ir/text.h); passes are free functions over it. See docs/ir.md. Tested by
// graph_test.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ir/op.h"
#include "ir/types.h"

namespace mote {

using ValueId = int32_t;          // an index into Graph::values
constexpr ValueId kNoValue = -1;  // an optional input that is absent, such as a bias

struct Value {
  std::string name;  // as in the user's file; unique within a graph
  TensorType type;
  std::shared_ptr<const Bytes> data;  // constants only: row-major, little-endian

  bool constant() const { return data != nullptr; }
  bool operator==(const Value& other) const;  // compares the constants' bytes
};

struct Node {
  Op op;
  std::vector<ValueId> inputs;  // kNoValue where an optional input is absent
  std::vector<ValueId> outputs;
  std::string origin;  // the node's name in the user's file

  bool operator==(const Node&) const = default;
};

// real = scale * pixel + bias; one entry for all channels, or one for each. Identity by default.
struct Preprocessing {
  std::vector<float> scale{1.0f};
  std::vector<float> bias{0.0f};

  bool identity() const;
  bool operator==(const Preprocessing&) const = default;
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;  // in an order in which each comes after those it reads
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Preprocessing> preprocessing;  // one for each input, or none at all: identity
  std::vector<std::string> labels;           // of the classes of output 0; may be empty

  bool operator==(const Graph&) const = default;

  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
};

// ---- building and reading
// -------------------------------------------------------------------------

// Adds a value and gives its id; a name that is taken (or empty) gets a number behind it.
ValueId add_value(Graph& graph, std::string name, TensorType type);
ValueId add_constant(Graph& graph, std::string name, TensorType type, Bytes data);
// A float32 constant from numbers, row-major.
ValueId add_constant(Graph& graph, std::string name, Shape shape, const std::vector<float>& data);

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

// The node that makes each value, or -1; and the nodes that read it, in order (a node that reads a
// value twice is listed twice).
std::vector<int32_t> producers(const Graph& graph);
std::vector<std::vector<int32_t>> consumers(const Graph& graph);
bool is_output(const Graph& graph, ValueId id);

// Every use of `from`, by nodes and as an output of the graph, becomes a use of `to`.
void replace_uses(Graph& graph, ValueId from, ValueId to);
// Drops the nodes whose outputs nobody reads, and the values that nobody mentions; ids change.
void eliminate_dead(Graph& graph);

// "node 'conv1' (Conv2D)": how errors name a node.
std::string describe(const Node& node);

}  // namespace mote
