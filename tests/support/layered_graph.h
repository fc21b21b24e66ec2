// A small float network with layers of all kinds that have weights, and samples of it.
#pragma once

#include <vector>

#include "base/random.h"
#include "datasets/dataset.h"
#include "ir/graph.h"
#include "ir/node.h"
#include "ops/verify.h"

namespace mote::testing {

inline std::vector<float> uniform_floats(Random& random, int64_t count, double from, double to) {
  std::vector<float> numbers;
  for (int64_t i = 0; i < count; i++)
    numbers.push_back(static_cast<float>(random.uniform(from, to)));
  return numbers;
}

// x [1, 6, 6, 2] -> conv 3x3 "c1" (8) relu -> depthwise 3x3 "d2" -> conv of two groups "g3" (8) ->
// dense "f5" (5)
inline Graph layered_graph() {
  Random random(7);
  Graph graph;
  graph.name = "layered";
  ValueId x = add_value(graph, "x", {DType::float32, {1, 6, 6, 2}, {}});
  graph.inputs = {x};
  const auto weights = [&](const Shape& shape) {
    return add_constant(graph, "w", shape, uniform_floats(random, element_count(shape), -0.4, 0.5));
  };
  ops::Conv2D conv;
  conv.padding = {1, 1, 1, 1};
  conv.activation = Activation::relu;
  x = add_node(graph, conv, {x, weights({8, 3, 3, 2}), weights({8})}, "c1");
  ops::DepthwiseConv2D depthwise;
  depthwise.padding = {1, 1, 1, 1};
  x = add_node(graph, depthwise, {x, weights({1, 3, 3, 8}), weights({8})}, "d2");
  ops::Conv2D grouped;
  grouped.groups = 2;
  x = add_node(graph, grouped, {x, weights({8, 3, 3, 4}), weights({8})}, "g3");
  x = add_node(graph, ops::Reshape{{1, 128}}, {x}, "r4");
  graph.outputs = {
      add_node(graph, ops::FullyConnected{}, {x, weights({5, 128}), weights({5})}, "f5")};
  return graph;
}

// Of its input, between 0 and 1, without labels.
inline datasets::Split layered_samples(int32_t count, uint64_t seed) {
  Random random(seed, "samples");
  const std::vector<float> numbers = uniform_floats(random, int64_t{count} * 72, 0, 1);
  datasets::Split split;
  split.images = {DType::float32, {count, 6, 6, 2}, to_bytes(std::span<const float>(numbers))};
  return split;
}

}  // namespace mote::testing
