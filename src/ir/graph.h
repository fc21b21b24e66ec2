// The Graph: what is imported, optimized, compressed and lowered. A value: copyable, comparable,
// printable (ir/text.h); passes are free functions over it. See docs/ir.md. Its nodes hold
// operators: who looks at them includes ir/node.h, so that all others need not be compiled again
// for a new operator. Tested by graph_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/names.h"
#include "ir/value.h"

namespace mote {

struct Node;

// Which names a graph's values have: what add_value asks. It counts the values that it knows and
// reads all of them anew where there are others; a value that is there keeps its name.
class ValueNames {
 public:
  ValueNames() = default;
  ValueNames(const ValueNames&) {}  // a copy of the graph finds out when it is asked
  ValueNames& operator=(const ValueNames&) { return known_ = kUnknown, *this; }
  bool operator==(const ValueNames&) const { return true; }
  std::string add(const std::vector<Value>& values, const std::string& wanted);

 private:
  static constexpr size_t kUnknown = SIZE_MAX;
  Names names_;
  size_t known_ = kUnknown;
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;  // in an order in which each comes after those it reads
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<Preprocessing> preprocessing;  // one for each input, or none at all: identity
  std::vector<std::string> labels;           // of the classes of output 0; may be empty
  ValueNames names;

  // Defined where Node is known.
  Graph();
  Graph(const Graph& other);
  Graph(Graph&& other) noexcept;
  Graph& operator=(const Graph& other);
  Graph& operator=(Graph&& other) noexcept;
  ~Graph();
  bool operator==(const Graph& other) const;

  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
};

// ---- building and reading ----

// Adds a value and gives its id; a name that is taken (or empty) gets a number behind it.
ValueId add_value(Graph& graph, std::string name, TensorType type);
ValueId add_constant(Graph& graph, std::string name, TensorType type, Bytes data);
// A float32 constant from numbers, row-major.
ValueId add_constant(Graph& graph, std::string name, Shape shape, const std::vector<float>& data);

// The node that makes each value, or -1; and the nodes that read it, in order (a node that reads a
// value twice is listed twice).
std::vector<int32_t> producers(const Graph& graph);
std::vector<std::vector<int32_t>> consumers(const Graph& graph);
bool is_output(const Graph& graph, ValueId id);

// Drops the nodes whose outputs nobody reads, and the values that nobody mentions; ids change.
void eliminate_dead(Graph& graph);

// "node 'conv1' (Conv2D)": how errors name a node.
std::string describe(const Node& node);

}  // namespace mote
