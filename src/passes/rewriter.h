// A Graph while a pass changes it: who makes and who reads each value is known all the time, so
// that a change takes as long as what it touches, however large the graph. Tested by
// rewriter_test.cc.
#pragma once

#include <map>
#include <vector>

#include "ir/graph.h"
#include "ir/node.h"

namespace mote::passes {

class Rewriter {
 public:
  explicit Rewriter(Graph& graph);

  // Its values and the operators of its nodes change as they like; what nodes read and make, and
  // which nodes there are, by the functions below. Nodes keep their indices until `finish`.
  Graph& graph;

  const Node& node(int32_t index) const { return graph.nodes[static_cast<size_t>(index)]; }
  Op& op(int32_t index) { return graph.nodes[static_cast<size_t>(index)].op; }
  int32_t node_count() const { return static_cast<int32_t>(graph.nodes.size()); }
  bool removed(int32_t index) const { return removed_[static_cast<size_t>(index)]; }

  // The node that makes the value, or -1.
  int32_t maker(ValueId id) const { return makers_[static_cast<size_t>(id)]; }
  // The nodes that read it, each once, in the order of their indices.
  std::vector<int32_t> readers(ValueId id);
  // How often nodes read it, and whether the caller of the graph sees it.
  int64_t reads(ValueId id) const { return reads_[static_cast<size_t>(id)]; }
  bool is_output(ValueId id) const { return is_output_[static_cast<size_t>(id)]; }
  bool has_single_use(ValueId id) const { return !is_output(id) && reads(id) == 1; }

  void set_input(int32_t index, size_t position, ValueId id);  // beyond the last one: adds it
  void set_outputs(int32_t index, std::vector<ValueId> outputs);
  // Every use of `from`, by nodes and as an output of the graph, becomes a use of `to`.
  void replace_uses(ValueId from, ValueId to);
  void remove(int32_t index);
  // Puts a node in the place of another, and one right before another: behind those that were put
  // there earlier. Gives its index.
  void replace(int32_t index, Node node);
  int32_t insert_before(int32_t index, Node node);
  ValueId add_value(const std::string& name, TensorType type);
  ValueId add_constant(const std::string& name, TensorType type, Bytes data);

  // Brings the nodes into their order; nothing else may be called afterwards. Whether nodes have
  // changed.
  bool finish();

 private:
  void enter(int32_t index);
  void leave(int32_t index);
  ValueId known(ValueId added);

  std::vector<int32_t> makers_;
  std::vector<std::vector<int32_t>> readers_;  // with some that read it no more
  std::vector<int64_t> reads_;
  std::vector<bool> is_output_;
  std::vector<bool> removed_;
  std::vector<bool> inserted_;
  std::map<int32_t, std::vector<int32_t>> before_;  // by the node that they stand before
  bool changed_ = false;
};

}  // namespace mote::passes
