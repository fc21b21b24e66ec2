// Graphs of very many nodes: what takes time by the square of their number never ends on them.
#pragma once

#include <string>
#include <vector>

#include "ops/foreign.h"
#include "ops/verify.h"
#include "tests/support/foreign_graphs.h"

namespace mote::testing {

// `count` layers of six nodes each, which every pass finds something to do in: a dense layer, the
// batch normalization behind it, a Relu, two Reshapes and the addition of a sum of constants.
inline Graph large_graph(int32_t count) {
  Graph graph;
  graph.name = std::string("large");
  ValueId x = add_value(graph, "x", {DType::float32, {1, 2}, {}});
  graph.inputs = {x};
  const ValueId weights = add_constant(graph, "w", {2, 2}, {0.5f, -0.25f, 0.125f, 1.0f});
  const ValueId ones = add_constant(graph, "ones", {2}, {1.0f, 1.0f});
  const ValueId row = add_constant(graph, "row", {1, 2}, {0.5f, -0.5f});
  for (int32_t i = 0; i < count; i++) {
    x = add_node(graph, ops::FullyConnected{}, {x, weights}, "dense");
    x = add_node(graph, ops::BatchNorm{}, {x, ones, ones, ones, ones}, "norm");
    x = add_node(graph, ops::Relu{}, {x}, "relu");
    x = add_node(graph, ops::Reshape{{2, 1}}, {x}, "column");
    x = add_node(graph, ops::Reshape{{1, 2}}, {x}, "flat");
    const ValueId sum = add_node(graph, ops::Add{}, {row, row}, "sum");
    x = add_node(graph, ops::Add{}, {x, sum}, "add");
  }
  graph.outputs = {x};
  return graph;
}

// `count` RELU nodes, one behind the other, whose values all have the same name in the file.
inline ForeignGraph large_foreign_graph(int32_t count) {
  ForeignGraph foreign;
  const TensorType type{DType::float32, {1, 2}, {}};
  int32_t x = add_foreign(foreign, "same", type);
  foreign.inputs = {x};
  for (int32_t i = 0; i < count; i++) {
    const int32_t y = add_foreign(foreign, "same", type);
    foreign.nodes.push_back({"RELU", "", 1, {}, {x}, {y}, "same"});
    x = y;
  }
  foreign.outputs = {x};
  return foreign;
}

}  // namespace mote::testing
