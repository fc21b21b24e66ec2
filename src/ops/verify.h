// The executable grammar of legal graphs, and shape inference. Runs after every pass in debug
// builds and in all tests. Tested by verify_test.cc.
#pragma once

#include "ir/graph.h"
#include "ir/opaque_op.h"

namespace mote {

// Each level includes those before it.
enum class Level {
  imported,   // structure, shapes and dtypes agree; every operator's own rules
  optimized,  // no BatchNorm, no node whose output nobody reads
  quantized,  // integer operands carry quantizations that their operator accepts
};

// Throws Error{invalid_input} that names the node and what contradicts what ("stored [1, 8, 8, 16],
// inferred [1, 8, 8, 32]").
void verify(const Graph& graph, Level level);

// What Level::quantized asks of one node: the scales, zero points and axes of its integer operands.
void check_quantized(const Graph& graph, const Node& node);

// The types that the operator of `node` gives its outputs, from the types in the graph; the
// quantizations stored in the graph are kept where the operator determines none.
std::vector<TensorType> infer(const Graph& graph, const Node& node);
// Recomputes all output shapes, after a change of the inputs'.
void infer_shapes(Graph& graph);

// Adds a node with a new value of the inferred type for each output and gives those values.
std::vector<ValueId> add_outputs(Graph& graph, Op op, std::vector<ValueId> inputs,
                                 const std::string& name);
// The same for an operator of one output: how builders write.
ValueId add_node(Graph& graph, Op op, std::vector<ValueId> inputs, const std::string& name);

}  // namespace mote
