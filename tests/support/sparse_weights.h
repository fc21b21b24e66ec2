// Networks of int8 weights with zeros, by magnitude: what pruning makes, for tests and benchmarks
// of storages. Nothing here trains, so it says nothing of accuracy.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <vector>

#include "ir/node.h"

namespace mote::testing {

// So many neighbours along the input channels live or die together, or of so many some live.
enum class SparsePattern { unstructured, blocks_of_four, n_of_m };

struct Sparsity {
  SparsePattern pattern = SparsePattern::unstructured;
  double zeros = 0;  // of all weights; n_of_m: of every group
  int32_t m = 4;     // of n_of_m
};

// Zeros in int8 weights [channels, inner] of as many groups as `sparsity` says: the groups of the
// least sums of magnitudes.
inline void make_sparse(Bytes& bytes, int64_t inner, const Sparsity& sparsity) {
  const auto magnitude = [&](size_t i) { return std::abs(static_cast<int8_t>(bytes[i])); };
  const auto kill_least = [&](std::vector<std::vector<size_t>> groups) {
    const auto sum = [&](const std::vector<size_t>& group) {
      int total = 0;
      for (const size_t i : group) total += magnitude(i);
      return total;
    };
    std::ranges::stable_sort(groups, {}, sum);
    groups.resize(
        static_cast<size_t>(std::llround(sparsity.zeros * static_cast<double>(groups.size()))));
    for (const auto& group : groups)
      for (const size_t i : group) bytes[i] = 0;
  };
  const auto groups_of = [&](int64_t begin, int64_t end, int64_t size) {
    std::vector<std::vector<size_t>> groups;
    for (int64_t first = begin; first < end; first += size) {
      std::vector<size_t> group(static_cast<size_t>(std::min(size, end - first)));
      std::iota(group.begin(), group.end(), static_cast<size_t>(first));
      groups.push_back(std::move(group));
    }
    return groups;
  };
  const int64_t count = std::ssize(bytes);
  if (sparsity.pattern == SparsePattern::unstructured) kill_least(groups_of(0, count, 1));
  if (sparsity.pattern == SparsePattern::blocks_of_four) {
    std::vector<std::vector<size_t>> all;
    for (int64_t channel = 0; channel < count; channel += inner)
      for (auto& group : groups_of(channel, channel + inner, 4)) all.push_back(std::move(group));
    kill_least(std::move(all));
  }
  if (sparsity.pattern == SparsePattern::n_of_m)
    for (int64_t channel = 0; channel < count; channel += inner)
      for (int64_t first = channel; first < channel + inner; first += sparsity.m)
        kill_least(groups_of(first, std::min<int64_t>(first + sparsity.m, channel + inner), 1));
}

// All weights of the graph's convolutions and dense layers; depthwise ones have no input channels
// to speak of and stay.
inline Graph with_sparse_weights(Graph graph, const Sparsity& sparsity) {
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<ops::Conv2D>(node.op) &&
        !std::holds_alternative<ops::FullyConnected>(node.op))
      continue;
    Value& weights = graph.value(node.inputs[1]);
    if (!weights.constant() || weights.type.dtype != DType::int8) continue;
    Bytes bytes = *weights.data;
    make_sparse(bytes, element_count(weights.type.shape) / weights.type.shape[0], sparsity);
    weights.data = std::make_shared<const Bytes>(std::move(bytes));
  }
  return graph;
}

}  // namespace mote::testing
